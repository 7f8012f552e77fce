package io.foresplit.app.training;

import io.foresplit.app.config.StartupException;
import io.foresplit.app.process.ChildProcess;
import io.foresplit.app.process.ChildProcesses;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.fault.FaultSchedule;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Coordinator and nodes of a job, as processes. Used by one thread. */
public final class TrainingProcesses implements AutoCloseable {
  private static final String COORDINATOR_HEAP = "96m";
  private static final String NODE_HEAP = "256m";
  private static final String COORDINATOR = "coordinator";
  private static final String JOB_FILE = "job.yaml";
  private static final String FAULT_FILE = "fault.json";

  private final Plan plan;
  private final ChildProcesses children;
  private final Map<String, ChildProcess> all = new LinkedHashMap<>();
  private final String coordinator;

  private TrainingProcesses(Plan plan, ChildProcesses children, String coordinator) {
    this.plan = plan;
    this.children = children;
    this.coordinator = coordinator;
  }

  /**
   * What to start.
   *
   * @param folder for job file, fault file, state and logs; files that the job file names are there
   * @param jobYaml with the initial cuts
   * @param seed of weights, batch order and generated traces
   * @param faults what nodes inject into themselves
   * @param detached whether they outlive a killed service
   */
  public record Plan(
      Path folder,
      String jobYaml,
      JobSpec job,
      long seed,
      FaultSchedule faults,
      Optional<Path> dataset,
      String kafka,
      boolean detached,
      Class<?> main) {}

  /** Starts coordinator and nodes side by side; they find each other, and the broker, in time. */
  public static TrainingProcesses start(Plan plan) throws IOException {
    Files.createDirectories(plan.folder());
    Path jobFile = plan.folder().resolve(JOB_FILE);
    Files.writeString(jobFile, plan.jobYaml());
    Path faultFile = plan.folder().resolve(FAULT_FILE);
    plan.faults().write(faultFile);
    int port = freePort();
    TrainingProcesses processes =
        new TrainingProcesses(
            plan, new ChildProcesses(plan.folder().resolve("logs")), "127.0.0.1:" + port);
    try {
      processes.startAll(port, jobFile);
      return processes;
    } catch (RuntimeException e) {
      processes.close();
      throw e;
    }
  }

  private void startAll(int port, Path jobFile) {
    start(
        COORDINATOR,
        COORDINATOR_HEAP,
        List.of(
            "coordinator",
            "--job",
            jobFile.toString(),
            "--seed",
            Long.toString(plan.seed()),
            "--data",
            plan.folder().resolve("coordinator").toString(),
            "--port",
            Integer.toString(port),
            "--kafka",
            plan.kafka()));
    for (NodeSpec node : plan.job().participants()) {
      start(node.id());
    }
  }

  /** Starts the process of a node, anew when it was killed. */
  public void start(NodeId node) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "node",
                "--id",
                node.value(),
                "--coordinator",
                coordinator,
                "--job",
                plan.folder().resolve(JOB_FILE).toString(),
                "--trace-seed",
                Long.toString(plan.seed()),
                "--fault",
                plan.folder().resolve(FAULT_FILE).toString(),
                "--kafka",
                plan.kafka()));
    plan.dataset().ifPresent(d -> arguments.addAll(List.of("--dataset", d.toString())));
    start(named(node), NODE_HEAP, arguments);
  }

  /** SIGKILL; nobody is to miss the process until it is started again. */
  public void kill(NodeId node) throws InterruptedException {
    ChildProcess process = all.remove(named(node));
    if (process == null) {
      throw new IllegalArgumentException("node " + node + " has no process");
    }
    process.kill();
  }

  private static String named(NodeId node) {
    return "node-" + node;
  }

  private void start(String name, String heap, List<String> arguments) {
    all.put(
        name,
        children.start(
            new ChildProcesses.Spec(name, plan.main(), heap, arguments, plan.detached())));
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  /** {@code host:port} of the coordinator. */
  public String coordinator() {
    return coordinator;
  }

  public List<Long> pids() {
    return all.values().stream().map(ChildProcess::pid).toList();
  }

  /** Throws when one of them has ended, with its last words. */
  public void requireAlive() {
    for (ChildProcess process : all.values()) {
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
