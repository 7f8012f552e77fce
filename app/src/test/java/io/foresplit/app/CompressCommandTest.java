package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.runtime.GrpcTrainingRuntime;
import io.foresplit.runtime.coordinator.CoordinatorOptions;
import io.foresplit.runtime.coordinator.CoordinatorProcess;
import io.foresplit.runtime.node.NodeOptions;
import io.foresplit.runtime.node.NodeProcess;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code foresplit compress}, as called, on a training in this JVM. */
@Timeout(120)
class CompressCommandTest {
  private static final JobId JOB = new JobId("small");
  private static final ComponentId LINK =
      ComponentId.link(new NodeId("device"), new NodeId("edge"));

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  /** A coordinator, its nodes, and who asks how far they are. */
  private static final class Training implements AutoCloseable {
    private final CoordinatorProcess coordinator;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final GrpcTrainingRuntime runtime;
    private final String address;

    Training(Path folder) throws Exception {
      Path text =
          Files.writeString(
              folder.resolve("job.yaml"),
              """
              id: small
              model: mlp
              optimiser: { name: sgd-momentum, learningRate: 0.02 }
              batchSize: 8
              interval: 200 ms
              nodes:
                - { id: device, speed: 10 }
                - { id: edge, speed: 10 }
                - { id: cloud, speed: 10 }
              links:
                - { between: [device, edge], rate: 1 Gbit/s, delay: 1 ms }
                - { between: [edge, cloud], rate: 1 Gbit/s, delay: 1 ms }
              dataOwner: device
              labelHolders: [cloud]
              cuts: [1, 2]
              """);
      JobFile file =
          JobFile.read(text, (model, batch) -> ModelDefinition.named(model).profile(batch));
      coordinator =
          CoordinatorProcess.start(
              CoordinatorOptions.of(
                  file.job(),
                  Optimisers.of(file.optimiser()),
                  1,
                  file.placement().orElseThrow(),
                  folder.resolve("coordinator"),
                  0),
              InstantSource.system(),
              System::nanoTime);
      address = "127.0.0.1:" + coordinator.port();
      for (NodeSpec node : file.job().nodes()) {
        nodes.add(
            NodeProcess.start(
                NodeOptions.of(node.id(), address), InstantSource.system(), System::nanoTime));
      }
      runtime = new GrpcTrainingRuntime(address);
    }

    /** Waits until so many more steps are done. */
    void goOn(int steps) throws IOException, InterruptedException {
      long wanted = runtime.progress(JOB, 0).steps() + steps;
      long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (runtime.progress(JOB, 0).steps() < wanted) {
        assertThat(System.nanoTime()).as("step " + wanted + " in time").isLessThan(giveUp);
        boolean unused = new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void close() {
      runtime.close();
      nodes.forEach(NodeProcess::close);
      coordinator.close();
    }
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private int compress(Training training, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("compress", "--coordinator", training.address));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  @Test
  void aLinkIsCompressedAndNoMoreWhileTrainingGoesOn() throws Exception {
    try (Training training = new Training(folder)) {
      training.goOn(3);
      training.runtime.fence(JOB, 7);

      String[] on = {"--link", "edge,device", "--keep", "0.1", "--bits", "4", "--action", "less"};
      assertThat(compress(training, on)).as(err.toString()).isZero();
      assertThat(out.toString())
          .matches(
              "action less is committed from step \\d+: \\{device->edge=keep 0.1, 4 bits};"
                  + " training paused for \\d+ ms\\R");
      assertThat(training.runtime.compressions(JOB).links())
          .isEqualTo(Map.of(LINK, new Compression(0.1, 4)));
      String answer = out.toString();
      training.goOn(5);

      assertThat(compress(training, on)).isZero();
      assertThat(out.toString()).as("the same action again").isEqualTo(answer);
      assertThat(compress(training, "--link", "device->edge", "--off")).isZero();
      assertThat(out.toString()).startsWith("action compress-").contains(" from step ");
      assertThat(training.runtime.compressions(JOB).links()).isEmpty();
      training.goOn(5);

      assertThat(compress(training, "--link", "device,edge", "--off")).isEqualTo(Main.FAILURE);
      assertThat(err.toString())
          .isEqualTo(
              "foresplit: refused, nothing has changed: link device->edge has this compression"
                  + " already\n");
      assertThat(compress(training, "--link", "device,cloud", "--off")).isEqualTo(Main.FAILURE);
      assertThat(err.toString().lines()).singleElement().asString().contains("device");
      assertThat(out.toString()).isEmpty();
    }
  }

  @Test
  void aCoordinatorThatIsNotThereIsToldInOneLine() {
    assertThat(run("compress", "--coordinator", "127.0.0.1:1", "--link", "a,b", "--off"))
        .isEqualTo(Main.FAILURE);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("foresplit: coordinator 127.0.0.1:1 cannot be reached");
  }

  @Test
  void wrongUsageIsRefused() {
    assertThat(usage("--link", "device", "--off"))
        .contains("--link must be NODE,NODE, was 'device'");
    assertThat(usage("--link", "a,b")).contains("give --keep and --bits, or --off alone");
    assertThat(usage("--link", "a,b", "--off", "--bits", "4")).contains("--off alone");
    assertThat(usage("--link", "a,b", "--keep", "0", "--bits", "4"))
        .contains("keep must be in (0, 1], was 0.0");
    assertThat(run("compress", "--coordinator", "here", "--link", "a,b", "--off")).isEqualTo(2);
    assertThat(err.toString()).contains("was 'here'");
  }

  private String usage(String... more) {
    List<String> arguments = new ArrayList<>(List.of("compress", "--coordinator", "127.0.0.1:1"));
    arguments.addAll(List.of(more));
    assertThat(run(arguments.toArray(String[]::new))).isEqualTo(Main.USAGE);
    return err.toString();
  }
}
