package io.foresplit.runtime.node;

import com.google.protobuf.ByteString;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.runtime.Optimisers;
import io.foresplit.runtime.Replications;
import io.foresplit.runtime.ReportSink;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.kafka.KafkaReportSink;
import io.foresplit.runtime.proto.GetTopologyRequest;
import io.foresplit.runtime.proto.GetTopologyResponse;
import io.foresplit.runtime.proto.RegisterRequest;
import io.foresplit.runtime.proto.RegisterResponse;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc.TrainingCoordinatorBlockingStub;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.foresplit.runtime.security.ServerGuard;
import io.foresplit.runtime.tensor.Optimiser;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node of a job. Thread-safe. */
public final class NodeProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);
  private static final int BEAT_MILLIS = 250;
  private static final long RETRY_NANOS = 200_000_000;
  private static final long REGISTER_NANOS = 30_000_000_000L;
  private static final int CALL_SECONDS = 5;

  private final NodeOptions options;
  private final NodeEnvironment environment;
  private final String incarnation;
  private final ExecutorService calls = Executors.newCachedThreadPool(NodeProcess::daemon);
  private final ComputeThread thread = new ComputeThread();
  private final CompletableFuture<NodeAgent> agent = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final ManagedChannel channel;
  private final TrainingCoordinatorBlockingStub coordinator;
  private final Heartbeats beats;
  private volatile @Nullable Server server;
  private volatile @Nullable SegmentCompute built;
  private volatile @Nullable SegmentCompute builtTail;

  private NodeProcess(NodeOptions options, NodeEnvironment environment) throws IOException {
    this.options = options;
    this.environment = environment;
    incarnation =
        Long.toString(environment.wall().millis(), 36)
            + "-"
            + Long.toString(environment.nanoTime().getAsLong(), 36);
    options.security().requireFor(options.host());
    options.security().requireName(options.node().value());
    channel =
        Rpc.connect(
            options.coordinator(),
            Limits.ANSWER_BYTES,
            options.security(),
            GrpcSecurity.COORDINATOR);
    coordinator = TrainingCoordinatorGrpc.newBlockingStub(channel);
    beats =
        new Heartbeats(
            options,
            environment,
            incarnation,
            coordinator,
            (begun, halted) -> {
              RegisterResponse unused = register(begun, halted);
            },
            this::fail);
  }

  /** Starts a node with real tensors, real time and, if told so, reports to Kafka. */
  public static NodeProcess start(NodeOptions options, InstantSource wall, LongSupplier nanoTime)
      throws IOException {
    return start(
        options,
        new NodeEnvironment(
            wall,
            nanoTime,
            Pacer.parking(nanoTime),
            TensorCompute.computes(nanoTime),
            TensorCompute.datasets(),
            options
                .kafka()
                .<ReportSink>map(servers -> new KafkaReportSink(servers, options.node()))
                .orElseGet(NodeProcess::noReports)));
  }

  /**
   * Starts a node and registers it; returns when it is ready for commands of the coordinator.
   *
   * @throws IOException when the coordinator cannot be reached or refuses the node, or the data set
   *     cannot be read
   */
  public static NodeProcess start(NodeOptions options, NodeEnvironment environment)
      throws IOException {
    FaultSchedule faults =
        options.faults().isPresent()
            ? FaultSchedule.read(options.faults().get())
            : FaultSchedule.none();
    NodeProcess process = new NodeProcess(options, environment);
    try {
      process.join(faults);
      return process;
    } catch (IOException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /** The port it listens on. */
  public int port() {
    Server listening = server;
    if (listening == null) {
      throw new IllegalStateException("node " + options.node() + " does not listen yet");
    }
    return listening.getPort();
  }

  /** Waits until the node has ended; throws when it did so for a failure. */
  public void awaitTermination() throws InterruptedException {
    try {
      ended.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(String.valueOf(cause.getMessage()), cause);
    }
  }

  private void join(FaultSchedule faults) throws IOException {
    listen(topology(patiently(this::askTopology).getDeclared()).job());
    RegisterResponse welcome = patiently(() -> register(false, false));
    beats.start(
        Duration.ofMillis(welcome.getBeatMillis() > 0 ? welcome.getBeatMillis() : BEAT_MILLIS));
    SplitTopology topology = topology(welcome.getDeclared());
    long seed = welcome.getSeed();
    Dataset data = environment.datasets().open(topology.job(), options.dataset(), seed);
    Optimiser optimiser = Optimisers.decode(welcome.getOptimiser());
    SegmentCompute compute;
    Optional<SegmentCompute> tail = Optional.empty();
    try {
      compute = thread.call(() -> environment.computes().create(topology.job(), optimiser, seed));
      if (topology.job().scheme().tailLayers() > 0 && topology.job().tier(options.node()) == 0) {
        tail =
            Optional.of(
                thread.call(() -> environment.computes().create(topology.job(), optimiser, seed)));
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the model cannot be built: " + e.getCause(), e.getCause());
    } catch (RejectedExecutionException e) {
      throw endedEarly(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the model was built", e);
    }
    built = compute;
    builtTail = tail.orElse(null);
    NodeAgent ready =
        new NodeAgent(
            topology,
            seed,
            incarnation,
            options,
            environment,
            data,
            compute,
            tail,
            thread,
            faults,
            welcome.hasReplication()
                ? Optional.of(Replications.decode(welcome.getReplication()))
                : Optional.empty(),
            this::fail);
    beats.of(ready);
    if (!agent.complete(ready)) {
      ready.close();
      throw endedEarly(null);
    }
    LOG.info("node {} listens on {}:{}", options.node(), options.host(), port());
  }

  private IOException endedEarly(@Nullable Throwable cause) {
    String why = ended.handle((v, error) -> error == null ? "" : ": " + error.getMessage()).join();
    return new IOException("node " + options.node() + " has ended while it was built" + why, cause);
  }

  /** Opens the port, with bounds that suit the job. */
  private void listen(JobSpec job) throws IOException {
    Limits limits;
    try {
      limits = Limits.ofNode(job, options.maxMessageBytes());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    server =
        Rpc.serve(
            options.host(),
            options.port(),
            new ServerGuard(options.security(), limits, environment.nanoTime()),
            calls,
            new NodeService(agent, () -> calls.execute(this::close)));
  }

  /** What the coordinator says of the job, unless the node insists on something else. */
  private SplitTopology topology(ByteString encoded) throws IOException {
    SplitTopology topology;
    try {
      topology = Codecs.TOPOLOGY.decode(encoded.toByteArray());
    } catch (MalformedRecordException e) {
      throw new IOException(
          "coordinator " + options.coordinator() + " sent a topology: " + e.getMessage(), e);
    }
    List<String> problems = new ArrayList<>(topology.placement().violations(topology.job()));
    options.privacy().ifPresent(own -> problems.addAll(own.differences(topology.job())));
    if (!problems.isEmpty()) {
      throw new IOException(
          "node "
              + options.node()
              + " vetoes what coordinator "
              + options.coordinator()
              + " says of job "
              + topology.jobId()
              + ": "
              + String.join("; ", problems));
    }
    return topology;
  }

  private GetTopologyResponse askTopology() {
    return coordinator
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
        .getTopology(GetTopologyRequest.getDefaultInstance());
  }

  private <T> T patiently(Supplier<T> call) throws IOException {
    long giveUp = environment.nanoTime().getAsLong() + REGISTER_NANOS;
    while (true) {
      try {
        return call.get();
      } catch (StatusRuntimeException e) {
        Status.Code code = e.getStatus().getCode();
        if (code != Status.Code.UNAVAILABLE && code != Status.Code.DEADLINE_EXCEEDED) {
          throw new IOException(
              "coordinator "
                  + options.coordinator()
                  + " refuses node "
                  + options.node()
                  + ": "
                  + Rpc.describe(e),
              e);
        }
        if (environment.nanoTime().getAsLong() > giveUp) {
          throw new IOException(
              "coordinator "
                  + options.coordinator()
                  + " cannot be reached (start it, or correct the address): "
                  + Rpc.describe(e),
              e);
        }
      }
      try {
        environment.pacer().until(environment.nanoTime().getAsLong() + RETRY_NANOS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while registering", e);
      }
    }
  }

  private RegisterResponse register(boolean begun, boolean halted) {
    return coordinator
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
        .register(
            RegisterRequest.newBuilder()
                .setNode(options.node().value())
                .setAddress(options.host() + ":" + port())
                .setIncarnation(incarnation)
                .setBegun(begun)
                .setHalted(halted)
                .build());
  }

  private void fail(Throwable error) {
    if (closing.get()) {
      return;
    }
    LOG.error("node {} fails", options.node(), error);
    ended.completeExceptionally(error);
    calls.execute(this::close);
  }

  /** Ends as if the process were killed: at once, and nobody is told. */
  public void kill() {
    beats.close();
    Optional.ofNullable(server).ifPresent(Server::shutdownNow);
    channel.shutdownNow();
    close();
  }

  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    beats.close();
    if (agent.isDone()) {
      agent.join().close();
    } else {
      agent.completeExceptionally(new IllegalStateException("the node ends"));
    }
    Server listening = server;
    if (listening != null) {
      Rpc.close(listening);
    }
    Rpc.close(channel);
    environment.reports().close();
    SegmentCompute compute = built;
    SegmentCompute tail = builtTail;
    thread.close(
        () -> {
          if (compute != null) {
            compute.close();
          }
          if (tail != null) {
            tail.close();
          }
        });
    calls.shutdown();
    ended.complete(null);
  }

  private static ReportSink noReports() {
    return new ReportSink() {
      @Override
      public void send(SegmentReport report) {}

      @Override
      public void close() {}
    };
  }

  private static Thread daemon(Runnable task) {
    Thread created = new Thread(task, "node-call");
    created.setDaemon(true);
    return created;
  }
}
