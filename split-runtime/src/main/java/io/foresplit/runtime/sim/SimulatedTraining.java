package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.node.NodeMetrics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One step after the other: down the chain of nodes with layers, the loss, and back. Reports of
 * what it takes are of the nodes. Not thread-safe.
 */
final class SimulatedTraining {
  /** The gradient for a data owner without layers: the loss alone. */
  private static final int LOSS_BYTES = 8;

  private final JobSpec job;
  private final World world;
  private final Agenda agenda;
  private final Machine machine;
  private final Learning learning;
  private final Map<NodeId, SimulatedNode> nodes;
  private final Way way;
  private final DoubleFunction<Instant> wall;
  private final StepLog log = new StepLog();

  private List<SimulatedNode> stages = List.of();
  private LinkCompressions compression;
  private long epoch;
  private long step;
  private long lost;

  /** Grows each time training stops: what is of an earlier run has no effect. */
  private long run;

  private boolean inStep;
  private boolean held;
  private @Nullable Runnable standing;
  private @Nullable Instant firstStep;
  private double startedAt;
  private double standingSince = Double.NaN;
  private double batch = 1;
  private Learning.@Nullable Signals signals;

  /** The way of messages from one node to another, over each link between them. */
  @FunctionalInterface
  interface Way {
    /**
     * Brings a message.
     *
     * @param wanted whether it still is; once it is not, it may be dropped on the way
     */
    void send(NodeId from, NodeId to, long bytes, BooleanSupplier wanted, Runnable arrived);
  }

  SimulatedTraining(
      Simulation simulation,
      World world,
      Agenda agenda,
      Map<NodeId, SimulatedNode> nodes,
      Way way,
      DoubleFunction<Instant> wall) {
    job = simulation.job();
    machine = simulation.machine();
    compression = new LinkCompressions(0, simulation.compression());
    this.world = world;
    this.agenda = agenda;
    this.nodes = nodes;
    this.way = way;
    this.wall = wall;
    learning = new Learning(simulation, TrainingRecord.lenet());
  }

  /** Puts a placement in force. Between steps. */
  void assign(Placement placement, long itsEpoch) {
    requireBoundary();
    epoch = itsEpoch;
    Set<NodeId> distinct = new LinkedHashSet<>();
    distinct.add(job.dataOwner());
    distinct.addAll(placement.nodeOfLayer());
    List<SimulatedNode> chain = new ArrayList<>();
    nodes.values().forEach(node -> node.assign(placement, step));
    distinct.forEach(id -> chain.add(node(id)));
    stages = List.copyOf(chain);
  }

  /** Compresses what crosses links so from now on. Between steps. */
  void compress(LinkCompressions next) {
    requireBoundary();
    compression = next;
  }

  private void requireBoundary() {
    if (inStep) {
      throw new IllegalStateException("step " + step + " is under way, it is no boundary");
    }
  }

  private SimulatedNode node(NodeId id) {
    SimulatedNode node = nodes.get(id);
    if (node == null) {
      throw new IllegalArgumentException("job " + job.id() + " has no node " + id);
    }
    return node;
  }

  /** Epoch of the placement in force on the nodes. */
  long epoch() {
    return epoch;
  }

  /** Steps done. */
  long steps() {
    return step;
  }

  /** Steps that were done and then lost, over all times that training went back. */
  long lostSteps() {
    return lost;
  }

  /** When step 0 was done first. */
  Optional<Instant> firstStep() {
    return Optional.ofNullable(firstStep);
  }

  /** How steps went. */
  StepLog log() {
    return log;
  }

  /** Stops at once: the step in flight is lost, and no other starts before {@link #resume}. */
  void stop() {
    run++;
    inStep = false;
    signals = null;
    held = true;
    standing = null;
    nodes.values().forEach(SimulatedNode::abandon);
    stand();
  }

  /**
   * Goes back to the last multiple of so many steps; says how many are lost by it. Between steps.
   */
  long goBack(int everySteps) {
    requireBoundary();
    long back = step % everySteps;
    step -= back;
    lost += back;
    log.redo(step);
    return back;
  }

  /** Lets the step in flight finish and no other start, then goes on with something else. */
  void hold(Runnable atBoundary) {
    held = true;
    standing = atBoundary;
    if (!inStep) {
      stand();
    }
  }

  private void stand() {
    if (Double.isNaN(standingSince)) {
      standingSince = agenda.now();
    }
    Runnable next = standing;
    standing = null;
    if (next != null) {
      next.run();
    }
  }

  /** Goes on with steps; says for how many milliseconds none could start, rounded up. */
  long resume() {
    held = false;
    standing = null;
    if (Double.isNaN(standingSince)) {
      return 0; // the step in flight has not ended
    }
    long paused = stoodMillis();
    standingSince = Double.NaN;
    begin();
    return paused;
  }

  /** For how many milliseconds no step can start by now, rounded up. */
  long stoodMillis() {
    return Double.isNaN(standingSince) ? 0 : (long) Math.ceil((agenda.now() - standingSince) * 1e3);
  }

  /** Starts the next step. */
  void begin() {
    inStep = true;
    startedAt = agenda.now();
    batch = world.batchFactor(startedAt);
    Learning.Signals seen = learning.step(step, startedAt);
    signals = seen;
    NodeMetrics owner = stages.get(0).metrics();
    owner.add(Metric.INPUT_MEAN, seen.inputMean());
    owner.add(Metric.INPUT_VARIANCE, seen.inputVariance());
    long current = run;
    agenda.at(
        startedAt + machine.stepSeconds(),
        () -> {
          if (run == current) {
            forward(0);
          }
        });
  }

  /** Computes on a node, unless training stops meanwhile. */
  private void compute(SimulatedNode node, double declared, SimulatedNode.Computed then) {
    long current = run;
    node.compute(
        declared,
        (start, seconds) -> {
          if (run == current) {
            then.done(start, seconds);
          }
        });
  }

  /** Sends to a stage, unless training stops meanwhile. */
  private void send(SimulatedNode from, SimulatedNode to, long bytes, Runnable arrived) {
    long current = run;
    way.send(
        from.id(),
        to.id(),
        bytes,
        () -> run == current,
        () -> {
          if (run == current) {
            arrived.run();
          }
        });
  }

  private Learning.Signals signals() {
    if (signals == null) {
      throw new IllegalStateException("no step is under way");
    }
    return signals;
  }

  private void forward(int stage) {
    SimulatedNode node = stages.get(stage);
    boolean last = stage == stages.size() - 1;
    if (!node.holdsLayers()) {
      // the data owner alone is in a step without layers; raw input is as large as its first output
      pass(stage, batch * job.layers().get(0).outputBytes());
      return;
    }
    compute(
        node,
        batch * node.forwardSeconds(),
        (start, seconds) -> {
          node.endWait(start);
          node.passed(Metric.FORWARD_SECONDS, seconds, batch * node.forwardSeconds());
          node.metrics().add(Metric.ACTIVATION_MEAN, signals().mean(node.lastLayer()));
          node.metrics().add(Metric.ACTIVATION_VARIANCE, signals().variance(node.lastLayer()));
          if (!last) {
            pass(stage, crossingBytes(node, stages.get(stage + 1), node.lastLayer(), true));
          }
        });
    if (last) {
      compute(
          node,
          batch * node.backwardSeconds(),
          (start, seconds) -> {
            node.metrics().add(ComponentId.JOB, Metric.LOSS, signals().loss());
            backwardDone(stage, seconds);
          });
    }
  }

  /** What the output of a layer takes on its way to another node, in this step. */
  private double crossingBytes(SimulatedNode from, SimulatedNode to, int layer, boolean masked) {
    double plain = batch * job.layers().get(layer).outputBytes();
    return compression.bytes(job, from.id(), to.id(), plain, masked);
  }

  private void pass(int stage, double bytes) {
    SimulatedNode node = stages.get(stage);
    node.beginWait();
    send(node, stages.get(stage + 1), Math.round(bytes), () -> forward(stage + 1));
  }

  private void backward(int stage) {
    SimulatedNode node = stages.get(stage);
    if (!node.holdsLayers()) {
      node.endWait(agenda.now());
      finish(stage);
      return;
    }
    compute(
        node,
        batch * node.backwardSeconds(),
        (start, seconds) -> {
          node.endWait(start);
          backwardDone(stage, seconds);
        });
  }

  private void backwardDone(int stage, double seconds) {
    SimulatedNode node = stages.get(stage);
    node.passed(Metric.BACKWARD_SECONDS, seconds, batch * node.backwardSeconds());
    node.metrics()
        .add(Metric.GRADIENT_NORM, signals().gradientNorm(node.firstLayer(), node.lastLayer()));
    finish(stage);
  }

  private void finish(int stage) {
    SimulatedNode node = stages.get(stage);
    node.finish(step);
    if (stage == 0) {
      stepDone();
      return;
    }
    node.beginWait();
    SimulatedNode before = stages.get(stage - 1);
    long bytes =
        node.firstLayer() == 0
            ? LOSS_BYTES
            : Math.round(crossingBytes(node, before, node.firstLayer() - 1, false));
    send(node, before, bytes, () -> backward(stage - 1));
  }

  private void stepDone() {
    double seconds = agenda.now() - startedAt;
    stages.get(0).metrics().step(seconds);
    Instant finished = wall.apply(agenda.now());
    firstStep = firstStep == null ? finished : firstStep;
    log.add(new TrainingProgress.Step(step, epoch, signals().loss(), seconds, finished));
    step++;
    inStep = false;
    if (held) {
      stand();
    } else {
      begin();
    }
  }
}
