package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.TopologySink;
import io.foresplit.runtime.kafka.KafkaTopologySink;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.foresplit.runtime.security.ServerGuard;
import io.grpc.Server;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The coordinator of one job. Thread-safe. */
public final class CoordinatorProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CoordinatorProcess.class);
  private static final int ANNOUNCE_SECONDS = 5;
  private static final int LOOKS_A_BEAT = 10;

  private final ExecutorService calls =
      Executors.newCachedThreadPool(task -> daemon(task, "coordinator-call"));
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "announce"));
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "watch"));
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final StateFile file;
  private final NodeClients clients;
  private final TopologySink sink;
  private final JobController controller;
  private final Server server;

  private CoordinatorProcess(
      CoordinatorOptions options,
      StateFile file,
      TopologySink sink,
      InstantSource wall,
      LongSupplier nanoTime)
      throws IOException {
    this.file = file;
    this.sink = sink;
    options.security().requireFor(options.host());
    options.security().requireName(GrpcSecurity.COORDINATOR);
    options
        .security()
        .requireNames(options.job().participants().stream().map(NodeSpec::id).toList());
    clients = new NodeClients(options.job().dataOwner(), options.moveTimeout(), options.security());
    CoordinatorState state = restore(options, file, wall).withNextLife();
    file.save(state);
    DurableState durable = new DurableState(state, file, clients, sink, wall);
    controller = new JobController(durable, clients, wall, nanoTime, calls, options, this::fail);
    controller.start();
    server =
        Rpc.serve(
            options.host(),
            options.port(),
            new ServerGuard(
                options.security(),
                Limits.ofCoordinator(options.job()),
                () -> TimeUnit.MILLISECONDS.toNanos(wall.millis())),
            calls,
            new CoordinatorService(controller, () -> calls.execute(this::close)));
    ScheduledFuture<?> unused =
        clock.scheduleWithFixedDelay(durable::announce, 0, ANNOUNCE_SECONDS, TimeUnit.SECONDS);
    long look = Math.max(1, options.heartbeat().toMillis() / LOOKS_A_BEAT);
    ScheduledFuture<?> unusedToo =
        watch.scheduleWithFixedDelay(this::watch, look, look, TimeUnit.MILLISECONDS);
    LOG.info(
        "coordinator of job {} listens on {}:{}, epoch {}, {}",
        options.job().id(),
        options.host(),
        port(),
        state.topology().epoch(),
        state.topology().placement().describe());
  }

  /**
   * Starts a coordinator; what its data folder holds is in force again.
   *
   * @throws IOException when the port is taken, or the data folder is in use, damaged or of another
   *     job
   */
  public static CoordinatorProcess start(
      CoordinatorOptions options, InstantSource wall, LongSupplier nanoTime) throws IOException {
    return start(
        options,
        wall,
        nanoTime,
        options
            .kafka()
            .<TopologySink>map(KafkaTopologySink::new)
            .orElseGet(CoordinatorProcess::noAnnouncements));
  }

  /**
   * Starts a coordinator.
   *
   * @param nanoTime monotonic
   * @param sink closed with it
   */
  public static CoordinatorProcess start(
      CoordinatorOptions options, InstantSource wall, LongSupplier nanoTime, TopologySink sink)
      throws IOException {
    StateFile file = StateFile.open(options.data());
    try {
      return new CoordinatorProcess(options, file, sink, wall, nanoTime);
    } catch (IOException | RuntimeException e) {
      file.close();
      sink.close();
      throw e;
    }
  }

  private void watch() {
    try {
      controller.watch();
    } catch (RuntimeException e) {
      fail(e); // a watch that ends in silence would miss every death
    }
  }

  private static CoordinatorState restore(
      CoordinatorOptions options, StateFile file, InstantSource wall) throws IOException {
    Optional<CoordinatorState> kept = file.load();
    if (kept.isEmpty()) {
      return CoordinatorState.initial(
              new SplitTopology(options.job(), 0, options.initial(), wall.instant()),
              options.optimiser(),
              options.seed())
          .withCompression(new LinkCompressions(0, options.compression()));
    }
    if (!isOf(kept.get().topology().job(), options.job())
        || !kept.get().optimiser().equals(options.optimiser())
        || kept.get().seed() != options.seed()) {
      throw new IOException(
          "data folder "
              + options.data()
              + " holds job "
              + kept.get().topology().jobId()
              + " with another specification, optimiser or seed; use a new folder or the old job");
    }
    return kept.get().recovered();
  }

  /** Whether a job is the declared one, as far as nodes were there. */
  private static boolean isOf(JobSpec kept, JobSpec declared) {
    if (!declared.scheme().pinsClients()) {
      return kept.equals(declared);
    }
    try {
      return kept.equals(declared.among(kept.participants().stream().map(NodeSpec::id).toList()));
    } catch (IllegalArgumentException e) {
      return false; // these nodes are no job by themselves any more
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.getPort();
  }

  /** Waits until the coordinator has ended; throws when it did so for a failure. */
  public void awaitTermination() throws InterruptedException {
    try {
      ended.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(String.valueOf(cause.getMessage()), cause);
    }
  }

  private void fail(Throwable error) {
    if (closing.get()) {
      return;
    }
    calls.execute(
        () -> {
          controller.stopNodes();
          ended.completeExceptionally(error);
          close();
        });
  }

  /** Ends the coordinator alone; nodes go on training and wait for it to come back. */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    clock.shutdownNow();
    watch.shutdownNow();
    controller.close();
    Rpc.close(server);
    clients.close();
    sink.close();
    calls.shutdown();
    try {
      file.close();
    } catch (IOException e) {
      LOG.warn("the data folder could not be released: {}", e.getMessage());
    }
    ended.complete(null);
  }

  private static TopologySink noAnnouncements() {
    return new TopologySink() {
      @Override
      public void announce(SplitTopology topology) {}

      @Override
      public void close() {}
    };
  }

  private static Thread daemon(Runnable task, String name) {
    Thread created = new Thread(task, name);
    created.setDaemon(true);
    return created;
  }
}
