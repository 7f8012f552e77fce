package io.foresplit.app.netns;

import io.foresplit.app.Main;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.runtime.GrpcTrainingRuntime;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.TestAuthority;
import io.foresplit.runtime.security.Tls;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The program's coordinator and nodes, each a process in its own namespace. */
final class NamespacedTraining implements AutoCloseable {
  private static final int PORT = 7400; // a namespace has all ports to itself
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int POLL_MILLIS = 20;
  private static final int STANDSTILL_POLLS = 15;

  private final NamespaceNetwork network;
  private final Path folder;
  private final JobId job;
  private final TestAuthority authority;
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private final GrpcTrainingRuntime runtime;

  private NamespacedTraining(NamespaceNetwork network, Path folder, JobId job) throws IOException {
    this.network = network;
    this.folder = folder;
    this.job = job;
    authority = new TestAuthority(folder.resolve("tls"));
    runtime = new GrpcTrainingRuntime(coordinator(), authority.securityOf(GrpcSecurity.CONTROLLER));
  }

  /** Starts a coordinator on the management network and a node on each host. */
  static NamespacedTraining start(
      NamespaceNetwork network, List<String> hosts, Path folder, JobId job, Path jobFile, long seed)
      throws IOException {
    NamespacedTraining training = new NamespacedTraining(network, folder, job);
    try {
      training.startProcess(
          network.management(),
          "96m",
          "coordinator",
          "--job",
          jobFile.toString(),
          "--seed",
          Long.toString(seed),
          "--data",
          folder.resolve("coordinator").toString(),
          "--port",
          Integer.toString(PORT));
      for (String host : hosts) {
        training.startProcess(
            host, "256m", "node", "--id", host, "--coordinator", training.coordinator());
      }
      return training;
    } catch (IOException | RuntimeException e) {
      training.close();
      throw e;
    }
  }

  /** What a process needs to be told to be reached from other namespaces: the only such place. */
  private List<String> reachable(String host) {
    Tls.KeyFiles own =
        authority.issue(host.equals(network.management()) ? GrpcSecurity.COORDINATOR : host);
    return List.of(
        "--host",
        network.address(host),
        "--tls-ca",
        authority.certificate().toString(),
        "--tls-cert",
        own.certificate().toString(),
        "--tls-key",
        own.key().toString(),
        "--token-file",
        authority.token().toString());
  }

  private String coordinator() {
    return network.address(network.management()) + ":" + PORT;
  }

  private void startProcess(String host, String heap, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // ends it when its standard input does, so also when this JVM is killed
                "-Dforesplit.watchParent=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    command.addAll(reachable(host));
    ProcessBuilder builder = new ProcessBuilder(network.in(host, command));
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    builder.environment().put("OMP_NUM_THREADS", "1");
    File log = folder.resolve(host + ".log").toFile();
    processes.put(host, builder.redirectErrorStream(true).redirectOutput(log).start());
  }

  GrpcTrainingRuntime runtime() {
    return runtime;
  }

  Process process(String host) {
    Process process = processes.get(host);
    if (process == null) {
      throw new IllegalArgumentException("no process on " + host);
    }
    return process;
  }

  /** Moves layers, from another thread. */
  CompletableFuture<MoveResult> move(String action, long epoch, Placement target) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return runtime.move(job, new ActionId(action), 1, epoch, target);
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        });
  }

  /** Waits for the first so many steps, and tells all that were done. */
  List<TrainingProgress.Step> awaitSteps(long steps) throws Exception {
    await(steps + " steps", PATIENCE, () -> done() >= steps);
    return runtime.progress(job, 0).log();
  }

  /** Waits for so many steps more. */
  List<TrainingProgress.Step> awaitMoreSteps(int steps) throws Exception {
    return awaitSteps(runtime.progress(job, Long.MAX_VALUE).steps() + steps);
  }

  /** Waits until no step has come to an end for a while. */
  void awaitStandstill() throws Exception {
    AtomicLong last = new AtomicLong(-1);
    AtomicInteger equal = new AtomicInteger();
    await(
        "standstill",
        PATIENCE,
        () -> {
          long steps = done();
          equal.set(last.getAndSet(steps) == steps ? equal.get() + 1 : 0);
          return equal.get() == STANDSTILL_POLLS;
        });
  }

  /** Steps done as far as the coordinator knows; 0 while it is not there yet. */
  private long done() throws IOException {
    for (Map.Entry<String, Process> entry : processes.entrySet()) {
      if (!entry.getValue().isAlive()) {
        throw new AssertionError("the process on " + entry.getKey() + " ended: " + logs());
      }
    }
    try {
      return runtime.progress(job, Long.MAX_VALUE).steps();
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * A counter of the TCP of a host, as {@code nstat} names it.
   *
   * @param file {@code snmp} or {@code netstat}
   */
  long tcp(String host, String file, String counter) throws IOException {
    List<String> names = List.of();
    for (String line : Files.readAllLines(net(host, file))) {
      List<String> fields = List.of(line.strip().split("\\s+", -1));
      int column = names.indexOf(counter);
      if (column > 0 && fields.get(0).equals(names.get(0))) {
        return Long.parseLong(fields.get(column));
      }
      names = fields;
    }
    throw new AssertionError("the kernel counts no " + counter);
  }

  /** Bytes that a host has put on the link to a neighbour. */
  long sentBytes(String host, String neighbour) throws IOException {
    String device = NamespaceNetwork.device(neighbour) + ":";
    return Files.readAllLines(net(host, "dev")).stream()
        .map(line -> List.of(line.strip().split("\\s+", -1)))
        .filter(fields -> fields.get(0).equals(device))
        .mapToLong(fields -> Long.parseLong(fields.get(9)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(host + " has no device " + device));
  }

  /** What the kernel tells of the namespace that a host's process is in. */
  private Path net(String host, String file) {
    return Path.of("/proc", Long.toString(process(host).pid()), "net", file);
  }

  /** Sends a signal to the process of a host. */
  void signal(String host, String signal) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process(host).pid()))
            .inheritIO()
            .start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("the process on " + host + " takes no signal " + signal);
    }
  }

  /** Waits until something holds. */
  void await(String what, Duration limit, Callable<Boolean> holds) throws Exception {
    long giveUp = System.nanoTime() + limit.toNanos();
    while (!holds.call()) {
      if (System.nanoTime() > giveUp) {
        throw new AssertionError(
            "no " + what + " within " + limit.toSeconds() + " s; logs:\n" + logs());
      }
      boolean unused = new CountDownLatch(1).await(POLL_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  String logs() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String host : processes.keySet()) {
      List<String> lines = Files.readAllLines(folder.resolve(host + ".log"));
      lines
          .subList(Math.max(0, lines.size() - 15), lines.size())
          .forEach(line -> all.append(host).append("| ").append(line).append('\n'));
    }
    return all.toString();
  }

  /** Ends every process. */
  @Override
  public void close() {
    runtime.close();
    processes.values().forEach(Process::destroy);
    for (Process process : processes.values()) {
      try {
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
