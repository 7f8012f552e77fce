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
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/**
 * Everything of a node that runs from the beginning of training on, wired together.
 *
 * @param driver on clients only; it drives while its node is the data owner
 * @param contention on a node whose compute other threads are to slow
 */
record Training(
    Participation.Wiring wiring,
    Current participation,
    Optional<StepDriver> driver,
    ReportLoop reports,
    Links links,
    Optional<Contention> contention)
    implements AutoCloseable {

  /**
   * What a node is and has.
   *
   * @param job as declared
   */
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

  /** What is done in steps now. */
  static final class Current {
    private volatile Participation now;

    Current(Participation now) {
      this.now = now;
    }

    Participation get() {
      return now;
    }

    synchronized Participation set(Participation next) {
      Participation before = now;
      now = next;
      return before;
    }
  }

  /** Opens links to far ends by their addresses, but for those that are open. */
  record Links(
      Map<NodeId, String> addresses,
      Map<NodeId, ManagedChannel> channels,
      Function<Map<NodeId, String>, Map<NodeId, LinkSender>> open) {}

  /** Takes another way, and new addresses of nodes, from now on. */
  synchronized void regroup(List<NodeId> route, Map<NodeId, String> directory) {
    Map<NodeId, String> changed = new HashMap<>(directory);
    changed.entrySet().removeAll(links.addresses().entrySet());
    Map<NodeId, ManagedChannel> old = new HashMap<>(links.channels());
    old.keySet().retainAll(changed.keySet());
    router().regroup(route, links.open().apply(changed));
    links.addresses().putAll(changed);
    old.values().forEach(ManagedChannel::shutdownNow);
  }

  /**
   * Wires a node.
   *
   * @param present the job as far as its nodes take part
   * @param directory addresses of the nodes
   * @param start when training begins or has begun
   * @param local what comes for this node
   */
  static Training begin(
      Setting setting,
      JobSpec present,
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
    Participation.Wiring wiring = new Participation.Wiring(setting, clock, metrics, router, fatal);
    Current participation = new Current(Participation.of(wiring, present, assignment, nextStep));
    Optional<StepDriver> driver =
        job.clients().contains(self)
            ? Optional.of(
                new StepDriver(
                    () -> participation.get().worker().assignment().epoch(),
                    metrics,
                    environment.wall(),
                    environment.nanoTime()))
            : Optional.empty();
    driver.ifPresent(d -> d.begin(nextStep, participation.get().round()));
    ReportLoop reports =
        new ReportLoop(
            job,
            self,
            () -> participation.get().worker(),
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
    return new Training(wiring, participation, driver, reports, links, contention);
  }

  /** On the compute thread: has the job go on from a step with those that take part in it. */
  void enter(JobSpec job, Assignment assignment, long step, LinkCompressions compression) {
    Participation next = Participation.of(wiring, job, assignment, step);
    next.compress(compression, wiring.setting().seed());
    participation.set(next).close();
    driver.ifPresent(d -> d.begin(step, next.round()));
  }

  /** The job as far as its nodes take part. */
  JobSpec job() {
    return participation.get().job();
  }

  SegmentWorker worker() {
    return participation.get().worker();
  }

  Optional<SegmentWorker> tail() {
    return participation.get().tail();
  }

  Router router() {
    return wiring.router();
  }

  /**
   * Stops at once.
   *
   * @param action for which
   * @return the first step that has not been done here
   */
  long halt(String action) throws InterruptedException, ExecutionException {
    driver.ifPresent(d -> d.halt(action));
    long done = participation.get().abandon();
    if (driver.isEmpty()) {
      return done;
    }
    driver.get().awaitStill();
    return driver.get().drives() ? driver.get().nextStep() : done;
  }

  /** See {@link SegmentWorker#compress}. */
  void compress(LinkCompressions compressions, long seed) {
    participation.get().compress(compressions, seed);
  }

  /** Takes a message of training for this node; done when there is room for more. */
  CompletionStage<Void> accept(Envelope envelope) {
    return participation.get().accept(envelope);
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

  void start() {
    router().start();
    reports.start();
    contention.ifPresent(Contention::start);
    driver.ifPresent(StepDriver::start);
  }

  @Override
  public void close() {
    driver.ifPresent(StepDriver::close);
    participation.get().close();
    reports.close();
    contention.ifPresent(Contention::close);
    router().close();
    links.channels().values().forEach(Rpc::close);
  }
}
