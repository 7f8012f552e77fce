package io.foresplit.app.demo;

import io.foresplit.app.config.StartupException;
import io.foresplit.app.process.ChildProcess;
import io.foresplit.app.process.ChildProcesses;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.fault.DemoScenario;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Coordinator and nodes of the demo, as processes. */
final class TrainingProcesses implements AutoCloseable {
  private static final String COORDINATOR_HEAP = "96m";
  private static final String NODE_HEAP = "256m";

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

  /** Starts coordinator and nodes side by side; they find each other, and the broker, in time. */
  static TrainingProcesses start(Plan plan) throws IOException {
    Files.createDirectories(plan.folder());
    Path jobFile = plan.folder().resolve("job.yaml");
    Files.writeString(jobFile, plan.jobYaml() + "\ncuts: " + cuts(plan) + "\n");
    Path faultFile = plan.folder().resolve("fault.json");
    plan.scenario().schedule().write(faultFile);
    int port = freePort();
    TrainingProcesses processes =
        new TrainingProcesses(
            new ChildProcesses(plan.folder().resolve("logs")), "127.0.0.1:" + port);
    try {
      processes.startAll(plan, port, jobFile, faultFile);
      return processes;
    } catch (RuntimeException e) {
      processes.close();
      throw e;
    }
  }

  private void startAll(Plan plan, int port, Path jobFile, Path faultFile) {
    String seed = Long.toString(plan.scenario().seed());
    start(
        plan,
        "coordinator",
        COORDINATOR_HEAP,
        List.of(
            "coordinator",
            "--job",
            jobFile.toString(),
            "--seed",
            seed,
            "--data",
            plan.folder().resolve("coordinator").toString(),
            "--port",
            Integer.toString(port),
            "--kafka",
            plan.kafka()));
    for (NodeSpec node : plan.job().participants()) {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "node",
                  "--id",
                  node.id().value(),
                  "--coordinator",
                  coordinator,
                  "--job",
                  jobFile.toString(),
                  "--trace-seed",
                  seed,
                  "--fault",
                  faultFile.toString(),
                  "--kafka",
                  plan.kafka()));
      plan.dataset().ifPresent(d -> arguments.addAll(List.of("--dataset", d.toString())));
      start(plan, "node-" + node.id(), NODE_HEAP, arguments);
    }
  }

  private void start(Plan plan, String name, String heap, List<String> arguments) {
    all.add(
        children.start(
            new ChildProcesses.Spec(name, plan.main(), heap, arguments, plan.detached())));
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
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
