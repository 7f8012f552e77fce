package io.foresplit.app.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes on real networks: what the emulated links of the other tests cannot show. Needs
 * root on Linux with iproute2, and is skipped elsewhere. Run by the profile {@code ci}.
 */
@Tag("netns")
@Timeout(120)
class NetworkNamespacesTest {
  private static final String DEVICE = "device";
  private static final String EDGE = "edge";
  private static final String CLOUD = "cloud";
  private static final List<String> CHAIN = List.of(DEVICE, EDGE, CLOUD);
  private static final Shape ACCESS = new Shape(20_000_000, 2, 0);
  private static final Shape BACKHAUL = new Shape(10_000_000, 5, 0.1);
  private static final Shape SLOW = BACKHAUL.withBitsPerSecond(2_000_000);
  private static final long SEED = 3;
  private static final int UNDISTURBED_STEPS = 90;

  /** The links that are emulated do not limit: ten gigabits and ten microseconds. */
  private static final String JOB =
      """
      id: netns
      model: lenet
      optimiser: { name: sgd-momentum, learningRate: 0.02 }
      batchSize: 32
      interval: 500 ms
      nodes:
        - { id: device, speed: 10 }
        - { id: edge, speed: 10 }
        - { id: cloud, speed: 10 }
      links:
        - { between: [device, edge], rate: 10 Gbit/s, delay: 10 us }
        - { between: [edge, cloud], rate: 10 Gbit/s, delay: 10 us }
      dataOwner: device
      labelHolders: [cloud]
      cuts: [1, 2]
      """;

  private static NamespaceNetwork.Support support;
  private static JobFile file;
  private static JobSpec job;

  /** Losses of the job when its links have no limit and nothing happens. */
  private static List<Double> undisturbed;

  @TempDir Path folder;

  @BeforeAll
  static void trainUndisturbed(@TempDir Path folderOfUndisturbed) throws Exception {
    support = NamespaceNetwork.support();
    support.obstacle().ifPresent(reason -> System.out.println("netns| skipped: " + reason));
    assumeTrue(support.obstacle().isEmpty(), () -> "skipped: " + support.obstacle().orElse(""));
    System.out.println(
        support.netem()
            ? "netns| rate, delay and loss by netem"
            : "netns| rate by tbf; delay and loss are not emulated: the kernel lacks netem");
    file = JobFile.parse(JOB, "job", (model, batch) -> ModelDefinition.named(model).profile(batch));
    job = file.job();
    try (NamespaceNetwork network = NamespaceNetwork.create(CHAIN, support);
        NamespacedTraining training = train(network, folderOfUndisturbed)) {
      undisturbed = losses(training.awaitSteps(UNDISTURBED_STEPS));
    }
  }

  @Test
  void theRealNetworkLimitsTheStepAndAMoveOverItLosesNoStep() throws Exception {
    NamespaceNetwork network = NamespaceNetwork.create(CHAIN, support);
    List<TrainingProgress.Step> log;
    try (network;
        NamespacedTraining training = start(network)) {
      log = training.awaitSteps(15);
      double floor = 2 * (ACCESS.seconds(activation(0)) + BACKHAUL.seconds(activation(1)));
      double declared =
          new CutPlanner().predict(job, file.placement().orElseThrow(), job.declaredConditions());
      double median = median(log);
      System.out.printf(
          "netns| a step takes %.0f ms, %.0f by declared links, at least %.0f by real ones%n",
          1e3 * median, 1e3 * declared, 1e3 * floor);
      assertThat(declared).isLessThan(floor / 4);
      assertThat(median).isGreaterThan(floor);

      long begun = System.nanoTime();
      MoveResult moved = training.move("shaped", 0, cut(1, 3)).get(30, TimeUnit.SECONDS);
      double seconds = (System.nanoTime() - begun) / 1e9;
      long state = 2 * job.layers().get(2).parameterBytes(); // with the momentum
      System.out.printf(
          "netns| a move of %d bytes takes %.0f ms, pauses %d ms, at least %.0f ms by the link%n",
          moved.movedBytes(), 1e3 * seconds, moved.pauseMillis(), 1e3 * BACKHAUL.seconds(state));
      assertThat(moved.state()).as(moved.detail()).isEqualTo(State.COMMITTED);
      assertThat(moved.movedBytes()).isGreaterThanOrEqualTo(state);
      assertThat(seconds).isGreaterThan(BACKHAUL.seconds(state));
      log = training.awaitMoreSteps(10);
      assertThat(log.get(log.size() - 1).epoch()).isEqualTo(1);

      // a node that stands still for a moment holds up steps, nothing else
      training.signal(EDGE, "STOP");
      training.awaitStandstill();
      training.signal(EDGE, "CONT");
      log = training.awaitMoreSteps(5);

      // the coordinator outlives a node
      training.signal(CLOUD, "KILL");
      assertThat(training.process(CLOUD).waitFor(5, TimeUnit.SECONDS)).isTrue();
      assertThat(training.runtime().topology(job.id()).epoch()).isGreaterThanOrEqualTo(1);
    }
    assertThat(network.remains()).isEmpty();
    assertAsUndisturbed(log);
  }

  @Test
  void aMoveSurvivesALinkThatGoesDownWithAndWithoutItsConnections() throws Exception {
    NamespaceNetwork network = NamespaceNetwork.create(CHAIN, support);
    List<TrainingProgress.Step> log;
    try (network;
        NamespacedTraining training = start(network)) {
      training.awaitSteps(5);
      network.shape(EDGE, CLOUD, SLOW);

      MoveResult first = moveWithOutage(network, training, Outage.BRIDGED, 0, cut(1, 3));
      Placement other = first.epoch() == 0 ? cut(1, 3) : cut(1, 2);
      MoveResult second = moveWithOutage(network, training, Outage.BREAKING, first.epoch(), other);

      assertThat(List.of(first.state(), second.state())).isSubsetOf(State.COMMITTED, State.ABORTED);
      log = training.awaitMoreSteps(10);
    }
    assertThat(network.remains()).isEmpty();
    assertAsUndisturbed(log);
  }

  /** How long a link is away: until a counter of the sending host's TCP has risen by so much. */
  private enum Outage {
    /** TCP repeats what was lost; nobody else notices. */
    BRIDGED("snmp", "RetransSegs", 3),
    /** TCP gives the connection up: the link must be opened anew, and resume. */
    BREAKING("netstat", "TCPAbortOnTimeout", 1);

    private final String file;
    private final String counter;
    private final int rise;

    Outage(String file, String counter, int rise) {
      this.file = file;
      this.counter = counter;
      this.rise = rise;
    }
  }

  /** Moves layers, takes the link away in the middle, and waits for the end of the move. */
  private MoveResult moveWithOutage(
      NamespaceNetwork network,
      NamespacedTraining training,
      Outage outage,
      long epoch,
      Placement target)
      throws Exception {
    Placement before = training.runtime().topology(job.id()).placement();
    boolean up = job.tier(target.nodeOfLayer().get(2)) < job.tier(before.nodeOfLayer().get(2));
    String source = up ? CLOUD : EDGE;
    String sink = up ? EDGE : CLOUD;
    long sent = training.sentBytes(source, sink) + job.layers().get(2).parameterBytes() / 2;
    CompletableFuture<MoveResult> move = training.move(outage.name(), epoch, target);
    training.await(
        "layer state on the link",
        Duration.ofSeconds(20),
        () -> training.sentBytes(source, sink) > sent);

    assertThat(move).isNotDone();
    network.cut(EDGE, CLOUD);
    long begun = System.nanoTime();
    long count = training.tcp(source, outage.file, outage.counter);
    training.await(
        "rise of " + outage.counter,
        Duration.ofSeconds(40),
        () -> training.tcp(source, outage.file, outage.counter) >= count + outage.rise);
    assertThat(move).isNotDone();
    network.restore(EDGE, CLOUD);
    long restored = System.nanoTime();
    MoveResult result = move.get(60, TimeUnit.SECONDS);
    System.out.printf(
        "netns| %s: link away for %.1f s, the move ends %.1f s after its return: %s, pause %d ms%n",
        outage,
        (restored - begun) / 1e9,
        (System.nanoTime() - restored) / 1e9,
        result.state(),
        result.pauseMillis());

    SplitTopology after = training.runtime().topology(job.id());
    assertThat(after.epoch()).isEqualTo(result.epoch());
    assertThat(after.placement()).isEqualTo(result.state() == State.COMMITTED ? target : before);
    training.awaitMoreSteps(3);
    return result;
  }

  private NamespacedTraining start(NamespaceNetwork network) throws IOException {
    network.shape(DEVICE, EDGE, ACCESS);
    network.shape(EDGE, CLOUD, BACKHAUL);
    return train(network, folder);
  }

  private static NamespacedTraining train(NamespaceNetwork network, Path folder)
      throws IOException {
    Path jobFile = Files.writeString(folder.resolve("job.yaml"), JOB);
    return NamespacedTraining.start(network, CHAIN, folder, job.id(), jobFile, SEED);
  }

  private static long activation(int layer) {
    return job.layers().get(layer).outputBytes();
  }

  private static Placement cut(int afterDevice, int afterEdge) {
    return Placement.ofCuts(
        job.nodes().stream().map(NodeSpec::id).toList(),
        job.layers().size(),
        List.of(afterDevice, afterEdge));
  }

  private static double median(List<TrainingProgress.Step> log) {
    double[] seconds = log.stream().mapToDouble(TrainingProgress.Step::seconds).sorted().toArray();
    return seconds[seconds.length / 2];
  }

  /** No step was lost or done twice, and each has the loss that it has when nothing happens. */
  private static void assertAsUndisturbed(List<TrainingProgress.Step> log) {
    assertThat(log).hasSizeLessThanOrEqualTo(UNDISTURBED_STEPS);
    assertThat(log.stream().map(TrainingProgress.Step::number))
        .containsExactlyElementsOf(LongStream.range(0, log.size()).boxed().toList());
    assertThat(losses(log)).isEqualTo(undisturbed.subList(0, log.size()));
  }

  private static List<Double> losses(List<TrainingProgress.Step> log) {
    return log.stream().map(TrainingProgress.Step::loss).toList();
  }
}
