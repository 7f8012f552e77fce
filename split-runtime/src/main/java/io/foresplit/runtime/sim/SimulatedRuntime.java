package io.foresplit.runtime.sim;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.coordinator.CoordinatorState;
import io.foresplit.runtime.coordinator.LayerMove;
import io.foresplit.runtime.link.LinkCompressions;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A job that trains in virtual time. It reports what real nodes would report, and takes the same
 * commands under the same fences. Time goes on only when it is asked for: {@link #nextInterval} and
 * {@link #advanceTo} let it pass, and {@link #move} lets pass what the move takes. Thread-safe; for
 * the same results make the same calls in the same order.
 *
 * <p>The world (links, speeds, faults, noise) depends on the simulation alone, never on what is
 * called when: two runs of one simulation differ only by what their moves do.
 */
public final class SimulatedRuntime implements TrainingRuntime {
  private static final int FIRST_STEPS = 2;
  private static final int RATE_STEPS = 50;

  private final Simulation simulation;
  private final JobSpec job;
  private final Agenda agenda = new Agenda();
  private final World world;
  private final Map<NodeId, SimulatedNode> nodes = new LinkedHashMap<>();
  private final SimulatedNetwork network;
  private final SimulatedTraining training;
  private final Deque<SimulatedInterval> closed = new ArrayDeque<>();
  private final SimulatedActions actions;

  /** Training begins at once. */
  public SimulatedRuntime(Simulation simulation) {
    this.simulation = simulation;
    job = simulation.job();
    if (!job.scheme().isPlain()) {
      throw new IllegalArgumentException(
          "the simulated runtime has one client and one pass a step, the job has mode "
              + job.scheme().mode()
              + " with "
              + job.clients().size()
              + " clients and "
              + job.scheme().microBatches()
              + " micro-batches: train it on real nodes");
    }
    world = new World(simulation);
    for (NodeSpec spec : job.nodes()) {
      nodes.put(
          spec.id(),
          new SimulatedNode(job, spec, world.new Node(spec), agenda, simulation.machine()));
    }
    network = new SimulatedNetwork(job, world, nodes, agenda);
    training = new SimulatedTraining(simulation, world, agenda, nodes, network::send, this::wall);
    actions =
        new SimulatedActions(
            CoordinatorState.initial(
                    new SplitTopology(job, 0, simulation.initial(), simulation.start()),
                    simulation.optimiser(),
                    simulation.seed())
                .withCompression(new LinkCompressions(0, simulation.compression())),
            () -> wall(agenda.now()));
    training.assign(simulation.initial(), 0);
    nodes.values().forEach(SimulatedNode::probe);
    training.begin();
    long first = Math.floorDiv(simulation.start().toEpochMilli(), intervalMillis());
    agenda.at(endOf(first), () -> close(first));
  }

  /** Lets time pass to the end of the next interval and tells of it. */
  public synchronized SimulatedInterval nextInterval() {
    while (closed.isEmpty()) {
      agenda.next();
    }
    return closed.remove();
  }

  /**
   * Lets time pass to a moment, for a command within an interval. Intervals that end on the way
   * wait for {@link #nextInterval}.
   *
   * @param seconds since the start of the job; what has passed already changes nothing
   */
  public synchronized void advanceTo(double seconds) {
    if (!Double.isFinite(seconds)) {
      throw new IllegalArgumentException("time must be finite, was " + seconds + " s");
    }
    agenda.advanceTo(seconds);
  }

  /** Seconds since the start of the job. */
  public synchronized double nowSeconds() {
    return agenda.now();
  }

  /** What links and nodes truly give now, without noise; for judges and oracles. */
  public synchronized Conditions trueConditions() {
    return world.conditions(agenda.now());
  }

  @Override
  public synchronized SplitTopology topology(JobId asked) throws IOException {
    requireJob(asked);
    return actions.state().topology();
  }

  @Override
  public synchronized void fence(JobId asked, long term) throws IOException {
    requireJob(asked);
    actions.fence(term);
  }

  /** Lets time pass until the move is over; intervals that end meanwhile wait. */
  @Override
  public synchronized MoveResult move(
      JobId asked, ActionId action, long term, long epoch, Placement target) throws IOException {
    return awaited(action, begin(asked, action, term, epoch, target));
  }

  /**
   * Begins a move and lets no time pass: it goes on as time does, and {@link #status} tells how it
   * ends.
   *
   * @return {@link State#IN_PROGRESS}, or why not, or what became of it when it was begun before
   */
  public synchronized MoveResult begin(
      JobId asked, ActionId action, long term, long epoch, Placement target) throws IOException {
    requireJob(asked);
    return actions.begin(
        action,
        term,
        epoch,
        () -> actions.state().disallowed(target),
        course ->
            new SimulatedMove(
                new LayerMove(action, epoch, placement(), target),
                simulation,
                training,
                network::send,
                nodes.values(),
                agenda,
                course));
  }

  /**
   * Restarts training from a checkpoint, and lets no time pass, as {@link #begin}. Training stops
   * at once, in the middle of a step; it stands still, then goes on with the target in force at the
   * next epoch. Steps since the checkpoint are lost and done again. Nodes that have nothing to
   * train meanwhile go on with their reports; layers come with the checkpoint, over no link. A node
   * that is away when training goes on makes steps wait, where they need it, as ever: that is not
   * part of the result's pause, which is the standstill.
   *
   * @param target may be what is in force
   * @param downSeconds how long training stands still
   * @param checkpointEverySteps training goes on from the last multiple of it
   */
  public synchronized MoveResult restart(
      JobId asked,
      ActionId action,
      long term,
      long epoch,
      Placement target,
      double downSeconds,
      int checkpointEverySteps)
      throws IOException {
    requireJob(asked);
    List<String> violations = target.violations(job);
    return actions.begin(
        action,
        term,
        epoch,
        () -> violations.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", violations)),
        course ->
            new SimulatedRestart(
                placement(), target, downSeconds, checkpointEverySteps, training, agenda, course));
  }

  private Placement placement() {
    return actions.state().topology().placement();
  }

  /**
   * Compresses what crosses a link otherwise, as {@code GrpcTrainingRuntime} has it done; lets time
   * pass until that is over.
   *
   * @param compression empty for none
   */
  public synchronized MoveResult setCompression(
      JobId asked,
      ActionId action,
      long term,
      long epoch,
      NodeId one,
      NodeId other,
      Optional<Compression> compression)
      throws IOException {
    requireJob(asked);
    ComponentId link;
    try {
      link = LinkCompressions.between(job, one, other);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    MoveResult accepted =
        actions.begin(
            action,
            term,
            epoch,
            () -> actions.state().disallowed(link, compression),
            course ->
                new SimulatedCompression(
                    simulation,
                    actions.state().compression().with(link, compression),
                    training,
                    nodes.values(),
                    agenda,
                    course));
    return awaited(action, accepted);
  }

  /** How links are compressed. */
  public synchronized LinkCompressions compressions(JobId asked) throws IOException {
    requireJob(asked);
    return actions.state().compression();
  }

  private MoveResult awaited(ActionId action, MoveResult accepted) {
    while (actions.isUnderWay(action)) {
      agenda.next();
    }
    return actions.result(action).orElse(accepted);
  }

  @Override
  public synchronized Optional<MoveResult> status(JobId asked, ActionId action) throws IOException {
    requireJob(asked);
    return actions.result(action);
  }

  /**
   * Steps that were done and then lost, since training went on from an earlier one. What was lost
   * of a step in flight is not counted.
   */
  public synchronized long lostSteps() {
    return training.lostSteps();
  }

  /** Steps that are done and not lost: how far training has come. */
  public synchronized long usefulSteps() {
    return training.steps();
  }

  /**
   * How far training is. When it goes back to an earlier step, so does the number of steps, and the
   * log forgets those that are lost: each step is in it once, as it was done last, with the epoch
   * and the moment of that. Until they are done again, the log is shorter than it was.
   *
   * @param sinceStep first step that is wanted; the log is bounded
   */
  public synchronized TrainingProgress progress(JobId asked, long sinceStep) throws IOException {
    requireJob(asked);
    List<TrainingProgress.Step> last = training.log(Math.max(0, training.steps() - RATE_STEPS));
    double rate = 0;
    if (last.size() >= FIRST_STEPS) {
      long millis =
          last.get(last.size() - 1).finished().toEpochMilli()
              - last.get(0).finished().toEpochMilli();
      rate = (last.size() - 1) * 1e3 / Math.max(1, millis);
    }
    return new TrainingProgress(
        training.steps(),
        training.epoch(),
        Optional.of(simulation.start()),
        training.firstStep(),
        rate,
        training.log(sinceStep),
        nodes.keySet().stream().map(NodeId::value).toList(),
        "",
        List.of());
  }

  private void requireJob(JobId asked) throws IOException {
    if (!asked.equals(job.id())) {
      throw new IOException("this runtime has job " + job.id() + ", asked was '" + asked + "'");
    }
  }

  /** An interval ends now. */
  private void close(long interval) {
    Instant end = Instant.ofEpochMilli((interval + 1) * intervalMillis());
    List<SegmentReport> reports = new ArrayList<>();
    nodes
        .values()
        .forEach(node -> node.report(training.epoch(), interval, end).ifPresent(reports::add));
    nodes.values().forEach(SimulatedNode::probe);
    closed.add(new SimulatedInterval(interval, end, actions.announced(), reports));
    agenda.at(endOf(interval + 1), () -> close(interval + 1));
  }

  private long intervalMillis() {
    return job.interval().toMillis();
  }

  private double endOf(long interval) {
    return ((interval + 1) * intervalMillis() - simulation.start().toEpochMilli()) / 1e3;
  }

  private Instant wall(double seconds) {
    return simulation.start().plusNanos(Math.round(seconds * 1e9));
  }
}
