package io.foresplit.runtime.node;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.link.Setback;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.foresplit.runtime.security.Limits;
import io.grpc.ManagedChannel;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/**
 * Everything of a node that runs from the beginning of training on, wired together.
 *
 * @param driver on the data owner only
 * @param tail of a client that holds the last layers, too
 * @param clients what concerns several clients; empty when there is one
 * @param contention on a node whose compute other threads are to slow
 */
record Training(
    SegmentWorker worker,
    Optional<SegmentWorker> tail,
    Optional<ClientTraining> clients,
    Router router,
    Optional<StepDriver> driver,
    ReportLoop reports,
    Links links,
    Optional<Contention> contention)
    implements AutoCloseable {

  /** What a node is and has. */
  record Setting(
      JobSpec job,
      NodeSpec node,
      long seed,
      String incarnation,
      NodeOptions options,
      NodeEnvironment environment,
      Dataset data,
      SegmentCompute compute,
      Optional<SegmentCompute> tail,
      ComputeThread thread,
      FaultSchedule faults) {}

  /** Opens links to far ends by their addresses, but for those that are open. */
  private record Links(
      Map<NodeId, String> addresses,
      Map<NodeId, ManagedChannel> channels,
      Function<Map<NodeId, String>, Map<NodeId, LinkSender>> open) {}

  /** Takes another way, and new addresses of nodes, from now on. */
  synchronized void regroup(List<NodeId> route, Map<NodeId, String> directory) {
    Map<NodeId, String> changed = new HashMap<>(directory);
    changed.entrySet().removeAll(links.addresses().entrySet());
    Map<NodeId, ManagedChannel> old = new HashMap<>(links.channels());
    old.keySet().retainAll(changed.keySet());
    router.regroup(route, links.open().apply(changed));
    links.addresses().putAll(changed);
    old.values().forEach(ManagedChannel::shutdownNow);
  }

  /**
   * Wires a node.
   *
   * @param directory addresses of the nodes
   * @param start when training begins or has begun
   * @param local what comes for this node
   */
  static Training begin(
      Setting setting,
      Assignment assignment,
      long nextStep,
      Map<NodeId, String> directory,
      Instant start,
      Consumer<Envelope> local,
      Consumer<Throwable> fatal) {
    JobSpec job = setting.job();
    NodeId self = setting.node().id();
    NodeEnvironment environment = setting.environment();
    FaultSchedule faults = setting.faults();
    TrainingClock clock =
        TrainingClock.startedAt(start, environment.wall(), environment.nanoTime());
    NodeMetrics metrics = new NodeMetrics(self, environment.nanoTime());
    Map<NodeId, ManagedChannel> channels = new ConcurrentHashMap<>();
    Links links =
        new Links(
            new HashMap<>(directory),
            channels,
            addresses -> links(setting, addresses, clock, metrics, channels));
    Router router = new Router(job, self, links.open().apply(directory), local);
    SegmentWorker worker =
        worker(setting, assignment, nextStep, setting.compute(), clock, metrics, router, fatal);
    Optional<SegmentWorker> tail =
        Assignment.tail(job, self, assignment.epoch(), assignment.placement())
            .flatMap(
                last ->
                    setting
                        .tail()
                        .map(
                            compute ->
                                worker(
                                    setting, last, nextStep, compute, clock, metrics, router,
                                    fatal)));
    Optional<ClientTraining> clients =
        job.scheme().peers().isEmpty()
            ? Optional.empty()
            : Optional.of(
                ClientTraining.of(
                    setting, assignment.placement(), nextStep, worker, router, fatal));
    Optional<StepDriver> driver =
        self.equals(job.dataOwner())
            ? Optional.of(
                new StepDriver(
                    worker,
                    clients
                        .<StepRound>flatMap(ClientTraining::rounds)
                        .orElseGet(
                            () ->
                                StepRound.alone(
                                    worker,
                                    new ClientData(job, self, setting.data(), setting.seed()))),
                    metrics,
                    environment.wall(),
                    environment.nanoTime(),
                    nextStep))
            : Optional.empty();
    ReportLoop reports =
        new ReportLoop(
            job,
            self,
            worker,
            router,
            metrics,
            environment.reports(),
            environment.wall(),
            environment.nanoTime(),
            environment.pacer());
    Optional<Contention> contention =
        faults.contends(self)
            ? Optional.of(
                new Contention(
                    seconds -> faults.contention(self, seconds),
                    Runtime.getRuntime().availableProcessors(),
                    faults.fault().seed(),
                    clock,
                    environment.pacer()))
            : Optional.empty();
    return new Training(worker, tail, clients, router, driver, reports, links, contention);
  }

  private static SegmentWorker worker(
      Setting setting,
      Assignment assignment,
      long nextStep,
      SegmentCompute compute,
      TrainingClock clock,
      NodeMetrics metrics,
      Router router,
      Consumer<Throwable> fatal) {
    FaultSchedule faults = setting.faults();
    NodeId self = setting.node().id();
    return new SegmentWorker(
        setting.job(),
        setting.node(),
        assignment,
        nextStep,
        compute,
        (indices, seconds) -> labels(setting.data(), faults, indices, seconds),
        setting.thread(),
        pacing(setting.environment(), faults.contends(self)),
        seconds -> faults.slowdown(self, seconds),
        clock,
        metrics,
        (to, body) -> {
          CompletableFuture<Void> unused = router.send(to, body);
        },
        fatal);
  }

  /** See {@link SegmentWorker#compress}. */
  void compress(LinkCompressions compressions, long seed) {
    worker.compress(compressions, seed);
    tail.ifPresent(end -> end.compress(compressions, seed));
  }

  /** Takes a message of training for this node; done when there is room for more. */
  CompletionStage<Void> accept(Envelope envelope) {
    return switch (envelope.getBodyCase()) {
      case ACTIVATION -> tail.orElse(worker).accept(envelope);
      case GRADIENT -> worker.accept(envelope);
      case CLOSE -> driver.isEmpty() ? worker.accept(envelope) : several(envelope);
      case COMMAND, REPORT, CHUNK -> several(envelope);
      case PROBE, BODY_NOT_SET -> LinkReceiver.NOW;
    };
  }

  private CompletionStage<Void> several(Envelope envelope) {
    return clients
        .orElseThrow(
            () ->
                new IllegalArgumentException("a message for several clients came, the job has one"))
        .accept(envelope);
  }

  /** Threads that compete slow what computes, not what waits. */
  private static Pacing pacing(NodeEnvironment environment, boolean contended) {
    return contended
        ? new ProcessorPacing(
            environment.nanoTime(), ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime)
        : new Pacing(environment.pacer(), environment.nanoTime());
  }

  private static Map<NodeId, LinkSender> links(
      Setting setting,
      Map<NodeId, String> directory,
      TrainingClock clock,
      NodeMetrics metrics,
      Map<NodeId, ManagedChannel> channels) {
    JobSpec job = setting.job();
    NodeId self = setting.node().id();
    Map<ComponentId, RateTrace> traces = setting.options().traces().apply(job);
    Map<NodeId, LinkSender> links = new HashMap<>();
    for (LinkSpec link : job.links()) {
      String address = directory.get(link.to());
      if (!link.from().equals(self) || address == null) {
        continue;
      }
      ManagedChannel channel =
          Rpc.connect(address, Limits.ACK_BYTES, setting.options().security(), link.to().value());
      channels.put(link.to(), channel);
      FaultSchedule faults = setting.faults();
      links.put(
          link.to(),
          new LinkSender(
              link.id(),
              setting.incarnation(),
              wire(job, link, traces, faults, setting.seed()),
              clock,
              setting.environment().pacer(),
              metrics,
              acks -> TrainingNodeGrpc.newStub(channel).exchange(acks)));
    }
    return links;
  }

  private static Wire wire(
      JobSpec job,
      LinkSpec link,
      Map<ComponentId, RateTrace> traces,
      FaultSchedule faults,
      long seed) {
    RateTrace trace = traces.getOrDefault(link.id(), RateTrace.constant(link.bytesPerSecond()));
    DoubleUnaryOperator back =
        job.link(link.to(), link.from())
            .map(reverse -> delay(reverse, traces, faults))
            .orElseThrow(() -> new IllegalStateException("no link back of " + link.id()));
    long linkSeed = seed * 1_000_003 + link.id().value().hashCode();
    return new Wire(
        t -> trace.bytesPerSecond(t) * faults.linkRateFactor(link.id(), t),
        delay(link, traces, faults),
        (message, sent, bytes, delay) ->
            Setback.of(
                linkSeed,
                message,
                bytes,
                delay + back.applyAsDouble(sent),
                trace.jitterSeconds(sent),
                trace.loss(sent)));
  }

  private static DoubleUnaryOperator delay(
      LinkSpec link, Map<ComponentId, RateTrace> traces, FaultSchedule faults) {
    RateTrace trace = traces.getOrDefault(link.id(), RateTrace.constant(link.bytesPerSecond()));
    return t ->
        trace.delaySeconds(t).orElse(link.delaySeconds()) + faults.extraDelaySeconds(link.id(), t);
  }

  private static int[] labels(Dataset data, FaultSchedule faults, int[] indices, double seconds) {
    int[] labels = data.labels(indices).clone();
    for (int i = 0; i < labels.length; i++) {
      int sample = indices[i / (labels.length / indices.length)];
      labels[i] = faults.driftedLabel(sample, labels[i], data.classes(), seconds);
    }
    return labels;
  }

  void start() {
    router.start();
    reports.start();
    contention.ifPresent(Contention::start);
    driver.ifPresent(StepDriver::start);
  }

  @Override
  public void close() {
    driver.ifPresent(StepDriver::close);
    clients.ifPresent(ClientTraining::close);
    reports.close();
    contention.ifPresent(Contention::close);
    router.close();
    links.channels().values().forEach(Rpc::close);
  }
}
