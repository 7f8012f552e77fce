package io.foresplit.app;

import io.foresplit.app.process.ParentWatch;
import io.foresplit.contract.Placement;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.coordinator.CoordinatorOptions;
import io.foresplit.runtime.coordinator.CoordinatorProcess;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the coordinator of a job. */
@Command(
    name = "coordinator",
    description = {
      "Run the training coordinator of a job: it owns placement and epoch, and outlives the service."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit coordinator --job job.yaml --data coordinator --port 7400"})
final class CoordinatorCommand implements Callable<Integer> {
  @Option(names = "--job", required = true, paramLabel = "FILE", description = "Job file.")
  private Path job = Path.of("job.yaml");

  @Option(names = "--seed", description = "Seed of weights and batch order, ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FOLDER",
      description = "Keeps epoch, term and results of actions over restarts.")
  private Path data = Path.of("coordinator");

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on, ${DEFAULT-VALUE}.")
  private String host = Rpc.DEFAULT_HOST;

  @Option(names = "--port", description = "Port to listen on, 0 for a free one.")
  private int port;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      description = "Where to announce the topology.")
  private @Nullable String kafka;

  @Option(
      names = "--heartbeat-millis",
      paramLabel = "MS",
      description =
          "Time from one sign of life of a node to the next, ${DEFAULT-VALUE}; after three it is"
              + " dead.")
  private long heartbeatMillis = CoordinatorOptions.DEFAULT_HEARTBEAT.toMillis();

  @Override
  public Integer call() throws Exception {
    ParentWatch.startIfChild();
    JobFile file = JobFile.read(job, (model, batch) -> ModelDefinition.named(model).profile(batch));
    Placement initial =
        file.placement()
            .orElseGet(() -> new CutPlanner().best(file.job(), file.job().declaredConditions()));
    CoordinatorOptions options =
        CoordinatorOptions.of(
                file.job(), Optimisers.of(file.optimiser()), seed, initial, data, port)
            .withHost(host)
            .withReplication(file.replication())
            .withHeartbeat(Duration.ofMillis(heartbeatMillis))
            .withKafka(Optional.ofNullable(kafka));
    CoordinatorProcess process =
        CoordinatorProcess.start(options, InstantSource.system(), System::nanoTime);
    Runtime.getRuntime().addShutdownHook(new Thread(process::close, "close-coordinator"));
    process.awaitTermination();
    return 0;
  }
}
