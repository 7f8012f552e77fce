package io.foresplit.app.bench.runtime;

import io.foresplit.app.config.StartupException;
import io.foresplit.app.process.ChildProcess;
import io.foresplit.app.process.ChildProcesses;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.runtime.GrpcTrainingRuntime;
import io.foresplit.runtime.TrainingProgress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Coordinator and nodes of a job as processes, and what their steps did. Not thread-safe. */
final class TrainingCluster implements AutoCloseable {
  private static final String COORDINATOR = "coordinator";
  private static final String COORDINATOR_HEAP = "96m";
  private static final String NODE_HEAP = "256m";
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration START = Duration.ofSeconds(90);
  private static final long TERM = 1;

  /** Node processes that end by themselves and are started anew, as a supervisor would. */
  private static final int MOST_REVIVED = 3;

  private final Plan plan;
  private final InstantSource clock;
  private final ChildProcesses children;
  private final Map<String, ChildProcess> processes = new TreeMap<>();
  private final StepTrack track = new StepTrack();
  private String address = "";
  private Optional<GrpcTrainingRuntime> runtime = Optional.empty();
  private int actions;
  private int revived;

  private TrainingCluster(Plan plan, InstantSource clock) {
    this.plan = plan;
    this.clock = clock;
    children = new ChildProcesses(plan.folder().resolve("logs"));
  }

  /**
   * What to start.
   *
   * @param folder for state and logs
   * @param jobFile what {@code job} was read from
   * @param main class of the program
   * @param trouble is told what should not have happened
   */
  record Plan(
      Path folder,
      Path jobFile,
      JobFile job,
      long seed,
      Optional<Path> dataset,
      Class<?> main,
      Consumer<String> trouble) {}

  /** Starts all processes, and waits for some steps to be done. */
  static TrainingCluster start(Plan plan, InstantSource clock, int steps)
      throws IOException, InterruptedException {
    TrainingCluster cluster = new TrainingCluster(plan, clock);
    try {
      cluster.startAll();
      cluster.await(p -> p.steps() >= steps, START, "the first " + steps + " steps");
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void startAll() throws IOException {
    int port = freePort();
    address = "127.0.0.1:" + port;
    start(
        COORDINATOR,
        COORDINATOR_HEAP,
        List.of(
            COORDINATOR,
            "--job",
            plan.jobFile().toString(),
            "--seed",
            Long.toString(plan.seed()),
            "--data",
            plan.folder().resolve(COORDINATOR).toString(),
            "--port",
            Integer.toString(port)));
    for (NodeSpec node : plan.job().job().participants()) {
      startNode(node.id());
    }
    runtime = Optional.of(new GrpcTrainingRuntime(address));
  }

  /** Starts a process of a node. */
  void startNode(NodeId node) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "node",
                "--id",
                node.value(),
                "--coordinator",
                address,
                "--job",
                plan.jobFile().toString()));
    plan.dataset().ifPresent(d -> arguments.addAll(List.of("--dataset", d.toString())));
    start(node.value(), NODE_HEAP, arguments);
  }

  private void start(String name, String heap, List<String> arguments) {
    processes.put(
        name, children.start(new ChildProcesses.Spec(name, plan.main(), heap, arguments, false)));
  }

  /** SIGKILL. */
  Instant kill(NodeId node) throws InterruptedException {
    ChildProcess process = processes.remove(node.value());
    if (process == null) {
      throw new IllegalStateException("node " + node + " has no process");
    }
    Instant now = clock.instant();
    process.kill();
    return now;
  }

  /**
   * Checkpoint and restart: stops all processes by SIGKILL, which is the fastest, and starts them
   * anew; what training goes on from is in the folder of replicas.
   *
   * @return when it began
   */
  Instant restart() throws IOException, InterruptedException {
    Instant now = clock.instant();
    runtime.ifPresent(GrpcTrainingRuntime::close);
    runtime = Optional.empty();
    for (ChildProcess process : processes.values()) {
      process.kill();
    }
    processes.clear();
    startAll();
    return now;
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  JobFile job() {
    return plan.job();
  }

  StepTrack track() {
    return track;
  }

  Instant now() {
    return clock.instant();
  }

  /** The topology in force. */
  SplitTopology topology() throws IOException {
    return connected().topology(plan.job().job().id());
  }

  /** Moves layers, live; a refusal is an answer. */
  MoveResult move(Placement target) throws IOException {
    actions++;
    return connected()
        .move(
            plan.job().job().id(),
            new ActionId("bench-" + actions),
            TERM,
            topology().epoch(),
            target);
  }

  /** Moves layers, again when it is refused or given up, until the target is in force. */
  MoveResult moveUntilDone(Placement target, Duration limit)
      throws IOException, InterruptedException {
    Instant end = now().plus(limit);
    while (true) {
      MoveResult result = move(target);
      if (result.state() == State.COMMITTED) {
        return result;
      }
      if (now().isAfter(end)) {
        throw new IOException(
            "a move to " + target.describe() + " is " + result.state() + ": " + result.detail());
      }
      settle(Duration.ofMillis(200));
    }
  }

  /** Goes on reading the log for some time. */
  void settle(Duration time) throws InterruptedException {
    Instant end = now().plus(time);
    do {
      Thread.sleep(POLL.toMillis());
      Optional<TrainingProgress> unused = poll();
    } while (now().isBefore(end));
  }

  /**
   * Reads the log until training is somewhere.
   *
   * @param what is waited for, for the message when it does not come
   */
  TrainingProgress await(Predicate<TrainingProgress> reached, Duration limit, String what)
      throws InterruptedException {
    Instant end = now().plus(limit);
    Optional<TrainingProgress> last = poll();
    while (last.isEmpty() || !reached.test(last.get())) {
      if (now().isAfter(end)) {
        throw new StartupException(
            what
                + " did not come within "
                + limit.toSeconds()
                + " s, see the logs in "
                + plan.folder().resolve("logs"));
      }
      Thread.sleep(POLL.toMillis());
      last = poll();
    }
    return last.get();
  }

  /** What the coordinator says; empty when it does not answer. */
  private Optional<TrainingProgress> poll() {
    for (ChildProcess process : List.copyOf(processes.values())) {
      if (!process.isAlive()) {
        revive(process);
      }
    }
    try {
      TrainingProgress progress = connected().progress(plan.job().job().id(), track.next());
      track.on(progress);
      return Optional.of(progress);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void revive(ChildProcess process) {
    String what = "the process " + process.name() + " ended: " + process.lastWords();
    if (process.name().equals(COORDINATOR) || revived == MOST_REVIVED) {
      throw new StartupException(what + " (log: " + process.log() + ")");
    }
    revived++;
    plan.trouble().accept(what);
    startNode(new NodeId(process.name()));
  }

  private GrpcTrainingRuntime connected() {
    return runtime.orElseThrow(() -> new IllegalStateException("the cluster is stopped"));
  }

  @Override
  public void close() {
    runtime.ifPresent(GrpcTrainingRuntime::close);
    children.close();
  }
}
