package io.foresplit.runtime.sim;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.runtime.node.NodeMetrics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * One node: a compute thread that does one thing after the other, links, and reports. It measures
 * by the same {@link NodeMetrics} as a real one. Not thread-safe.
 */
final class SimulatedNode {
  // what a node without telling layers knows its slowdown by, as a real one
  private static final double REFERENCE_SHARE = 0.2;
  private static final double REFERENCE_SHARE_BESIDE_LAYERS = 0.04;
  private static final double TELLING_SECONDS = 0.01;

  private final JobSpec job;
  private final NodeSpec spec;
  private final World.Node world;
  private final Agenda agenda;
  private final Machine machine;
  private final NodeMetrics metrics;
  private final List<SimulatedLink> links = new ArrayList<>();
  private final double intervalSeconds;
  private final Occupancy occupancy = new Occupancy();
  private double sharing = 1;
  private double busyShare;
  private double computeFree;
  private double coreSeconds;
  private boolean measuring;
  private long sequence;

  // assignment and step
  private int firstLayer = -1;
  private int lastLayer = -1;
  private double forwardSeconds;
  private double backwardSeconds;
  private double waitingSince = Double.NaN;
  private double waited;
  private long steps;

  SimulatedNode(JobSpec job, NodeSpec spec, World.Node world, Agenda agenda, Machine machine) {
    this.job = job;
    this.spec = spec;
    this.world = world;
    this.agenda = agenda;
    this.machine = machine;
    metrics = new NodeMetrics(spec.id(), () -> (long) (agenda.now() * 1e9));
    intervalSeconds = job.interval().toNanos() / 1e9;
  }

  /** What is told when compute is done. */
  @FunctionalInterface
  interface Computed {
    /**
     * Compute is done.
     *
     * @param start when it began, seconds since the start of the job
     * @param seconds how long it took
     */
    void done(double start, double seconds);
  }

  NodeId id() {
    return spec.id();
  }

  World.Node world() {
    return world;
  }

  /** Whether its process is away now. */
  boolean isAway() {
    return world.presentFrom(agenda.now()) > agenda.now();
  }

  NodeMetrics metrics() {
    return metrics;
  }

  void add(SimulatedLink link) {
    links.add(link);
  }

  int firstLayer() {
    return firstLayer;
  }

  int lastLayer() {
    return lastLayer;
  }

  boolean holdsLayers() {
    return firstLayer >= 0;
  }

  double forwardSeconds() {
    return forwardSeconds;
  }

  double backwardSeconds() {
    return backwardSeconds;
  }

  /** Puts a placement in force, at a step boundary. */
  void assign(Placement placement, long nextStep) {
    firstLayer = placement.firstLayer(spec.id());
    lastLayer = placement.lastLayer(spec.id());
    forwardSeconds = declared(LayerProfile::forwardSeconds);
    backwardSeconds = declared(LayerProfile::backwardSeconds);
    waitingSince = Double.NaN;
    steps = nextStep;
  }

  private double declared(ToDoubleFunction<LayerProfile> cost) {
    return holdsLayers()
        ? job.layers().subList(firstLayer, lastLayer + 1).stream().mapToDouble(cost).sum()
            / spec.speed()
        : 0;
  }

  /**
   * Computes once the thread is free and the process there, and from the beginning when the process
   * goes meanwhile.
   *
   * @param declared seconds on this node as declared
   */
  void compute(double declared, Computed then) {
    double begin = world.presentFrom(Math.max(agenda.now(), computeFree));
    double seconds = declared * world.computeFactor(begin) * sharing;
    while (begin < Double.POSITIVE_INFINITY
        && world.presentFrom(begin + seconds) > begin + seconds) {
      begin = world.presentFrom(begin + seconds);
      seconds = declared * world.computeFactor(begin) * sharing;
    }
    double start = begin;
    double took = seconds;
    computeFree = start + took;
    occupancy.add(start, computeFree);
    coreSeconds += declared * spec.speed() * machine.coresPerCompute();
    agenda.at(computeFree, () -> then.done(start, took));
  }

  /** Gives up what it computes and waits for. */
  void abandon() {
    computeFree = Math.min(computeFree, agenda.now());
    occupancy.cut(agenda.now());
    waitingSince = Double.NaN;
    waited = 0;
  }

  /** Share of the last interval in which its thread computed. */
  double busyShare() {
    return busyShare;
  }

  /** Computes more slowly by a factor, as others compute on the same machine. */
  void share(double factor) {
    sharing = factor;
  }

  /** By what factor others on the same machine slow it. */
  double sharing() {
    return sharing;
  }

  /** Adds a pass of the segment to what tells the node's slowdown. */
  void passed(Metric metric, double seconds, double declared) {
    metrics.add(metric, seconds);
    if (tells()) {
      metrics.compute(seconds, declared);
    }
  }

  /** Waits for input from now on. */
  void beginWait() {
    waitingSince = agenda.now();
  }

  /** Input was there at a moment. */
  void endWait(double t) {
    if (!Double.isNaN(waitingSince)) {
      waited += t - waitingSince;
      waitingSince = Double.NaN;
    }
  }

  /** Commits a step. */
  void finish(long step) {
    steps = step + 1;
    if (holdsLayers()) {
      metrics.add(Metric.QUEUE_WAIT_SECONDS, waited);
    }
    waited = 0;
  }

  /** Probes what says nothing by itself. */
  void probe() {
    links.forEach(link -> link.probe(intervalSeconds));
    if (tells() || measuring) {
      return;
    }
    measuring = true;
    double share = holdsLayers() ? REFERENCE_SHARE_BESIDE_LAYERS : REFERENCE_SHARE;
    double declared = share * intervalSeconds;
    double before = coreSeconds;
    double unoccupied = Math.max(agenda.now(), computeFree);
    compute(
        declared,
        (start, seconds) -> {
          measuring = false;
          if (!tells()) {
            metrics.compute(seconds, declared);
          }
        });
    coreSeconds = before; // it waits and does not compute
    occupancy.cut(unoccupied);
  }

  private boolean tells() {
    return forwardSeconds + backwardSeconds >= TELLING_SECONDS;
  }

  /** What it says of an interval that ends now; nothing when its process is away. */
  Optional<SegmentReport> report(long epoch, long interval, Instant end) {
    double now = agenda.now();
    double within = now - intervalSeconds / 2;
    links.forEach(SimulatedLink::measure);
    double cores = machine.idleCores() + coreSeconds / intervalSeconds;
    coreSeconds = 0;
    busyShare = occupancy.share(now);
    metrics.add(Metric.CPU_SHARE, cores * world.usageFactor(within));
    metrics.add(Metric.HEAP_BYTES, world.heapBytes(within));
    metrics.add(Metric.NATIVE_BYTES, world.nativeBytes(within));
    var samples = metrics.drain();
    if (isAway()) {
      sequence = 0;
      return Optional.empty();
    }
    return Optional.of(
        new SegmentReport(
            job.id(),
            spec.id(),
            firstLayer,
            lastLayer,
            epoch,
            interval,
            ++sequence,
            end,
            steps,
            samples));
  }
}
