package io.foresplit.runtime.node;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.grpc.ManagedChannel;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

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
    List<ManagedChannel> channels,
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
    List<ManagedChannel> channels = new ArrayList<>();
    Map<NodeId, LinkSender> links = links(setting, directory, clock, metrics, channels);
    Router router = new Router(job, self, links, local);
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
    return new Training(worker, tail, clients, router, driver, reports, channels, contention);
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

  /** Takes a message of training for this node. */
  void accept(Envelope envelope) {
    switch (envelope.getBodyCase()) {
      case ACTIVATION -> tail.orElse(worker).accept(envelope);
      case GRADIENT -> worker.accept(envelope);
      case CLOSE -> {
        if (driver.isEmpty()) {
          worker.accept(envelope);
        } else {
          several().accept(envelope);
        }
      }
      case COMMAND, REPORT, CHUNK -> several().accept(envelope);
      case PROBE, BODY_NOT_SET -> {}
    }
  }

  private ClientTraining several() {
    return clients.orElseThrow(
        () -> new IllegalStateException("a message for several clients came, the job has one"));
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
      List<ManagedChannel> channels) {
    JobSpec job = setting.job();
    NodeId self = setting.node().id();
    Map<ComponentId, RateTrace> traces = setting.options().traces().apply(job);
    Map<NodeId, LinkSender> links = new HashMap<>();
    for (LinkSpec link : job.links()) {
      if (!link.from().equals(self) || Math.abs(job.tier(self) - job.tier(link.to())) != 1) {
        continue;
      }
      String address = directory.get(link.to());
      if (address == null) {
        throw new IllegalStateException("the directory lacks node " + link.to());
      }
      ManagedChannel channel = Rpc.connect(address, setting.options().maxMessageBytes());
      channels.add(channel);
      RateTrace trace = traces.getOrDefault(link.id(), RateTrace.constant(link.bytesPerSecond()));
      FaultSchedule faults = setting.faults();
      links.put(
          link.to(),
          new LinkSender(
              link.id(),
              setting.incarnation(),
              new Wire(
                  t -> trace.bytesPerSecond(t) * faults.linkRateFactor(link.id(), t),
                  t -> link.delaySeconds() + faults.extraDelaySeconds(link.id(), t)),
              clock,
              setting.environment().pacer(),
              metrics,
              acks -> TrainingNodeGrpc.newStub(channel).exchange(acks)));
    }
    return links;
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
    channels.forEach(Rpc::close);
  }
}
