package io.foresplit.app.demo;

import io.foresplit.app.config.StartupException;
import io.foresplit.app.process.ChildProcess;
import io.foresplit.app.process.ChildProcesses;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.fault.DemoScenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Coordinator and nodes of the demo, as processes. */
final class TrainingProcesses implements AutoCloseable {
  private static final String COORDINATOR_HEAP = "96m";
  private static final String NODE_HEAP = "256m";
  private static final long PORT_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final ChildProcesses children;
  private final List<ChildProcess> all = new ArrayList<>();
  private final String coordinator;

  private TrainingProcesses(ChildProcesses children, String coordinator) {
    this.children = children;
    this.coordinator = coordinator;
  }

  /**
   * What to start.
   *
   * @param folder for job file, fault file, state and logs
   * @param detached whether they outlive a killed service
   */
  record Plan(
      Path folder,
      String jobYaml,
      JobSpec job,
      DemoScenario scenario,
      Optional<Path> dataset,
      String kafka,
      boolean detached,
      Class<?> main) {}

  /** Starts coordinator and nodes; returns when the coordinator listens. */
  static TrainingProcesses start(Plan plan) throws IOException, InterruptedException {
    Files.createDirectories(plan.folder());
    Path jobFile = plan.folder().resolve("job.yaml");
    Files.writeString(jobFile, plan.jobYaml() + "\ncuts: " + cuts(plan) + "\n");
    Path faultFile = plan.folder().resolve("fault.json");
    plan.scenario().schedule().write(faultFile);
    Path portFile = plan.folder().resolve("coordinator.port");
    Files.deleteIfExists(portFile);

    ChildProcesses children = new ChildProcesses(plan.folder().resolve("logs"));
    try {
      String seed = Long.toString(plan.scenario().seed());
      ChildProcess first =
          children.start(
              new ChildProcesses.Spec(
                  "coordinator",
                  plan.main(),
                  COORDINATOR_HEAP,
                  List.of(
                      "coordinator",
                      "--job",
                      jobFile.toString(),
                      "--seed",
                      seed,
                      "--data",
                      plan.folder().resolve("coordinator").toString(),
                      "--port-file",
                      portFile.toString(),
                      "--kafka",
                      plan.kafka()),
                  plan.detached()));
      TrainingProcesses processes =
          new TrainingProcesses(children, "127.0.0.1:" + awaitPort(first, portFile));
      processes.all.add(first);
      for (NodeSpec node : plan.job().nodes()) {
        List<String> arguments =
            new ArrayList<>(
                List.of(
                    "node",
                    "--id",
                    node.id().value(),
                    "--coordinator",
                    processes.coordinator,
                    "--trace-seed",
                    seed,
                    "--fault",
                    faultFile.toString(),
                    "--kafka",
                    plan.kafka()));
        plan.dataset().ifPresent(d -> arguments.addAll(List.of("--dataset", d.toString())));
        processes.all.add(
            children.start(
                new ChildProcesses.Spec(
                    "node-" + node.id(), plan.main(), NODE_HEAP, arguments, plan.detached())));
      }
      return processes;
    } catch (IOException | InterruptedException | RuntimeException e) {
      children.close();
      throw e;
    }
  }

  private static List<Integer> cuts(Plan plan) {
    List<Integer> cuts = new ArrayList<>();
    int layers = 0;
    List<NodeSpec> chain = plan.job().nodes();
    for (NodeSpec node : chain.subList(0, chain.size() - 1)) {
      layers +=
          (int)
              plan.scenario().initial().nodeOfLayer().stream()
                  .filter(n -> n.equals(node.id()))
                  .count();
      cuts.add(layers);
    }
    return cuts;
  }

  private static String awaitPort(ChildProcess coordinator, Path portFile)
      throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + PORT_LIMIT_NANOS;
    while (!Files.exists(portFile)) {
      if (!coordinator.isAlive() || System.nanoTime() > giveUp) {
        throw new StartupException("the coordinator did not start: " + coordinator.lastWords());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      if (Thread.interrupted()) {
        throw new InterruptedException("while the coordinator started");
      }
    }
    return Files.readString(portFile).strip();
  }

  /** {@code host:port} of the coordinator. */
  String coordinator() {
    return coordinator;
  }

  List<Long> pids() {
    return all.stream().map(ChildProcess::pid).toList();
  }

  /** Throws when one of them has ended, with its last words. */
  void requireAlive() {
    for (ChildProcess process : all) {
      if (!process.isAlive()) {
        throw new StartupException(
            "the process "
                + process.name()
                + " ended: "
                + process.lastWords()
                + " (log: "
                + process.log()
                + ")");
      }
    }
  }

  @Override
  public void close() {
    children.close();
  }
}
