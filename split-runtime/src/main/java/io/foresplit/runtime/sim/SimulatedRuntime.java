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
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
  private final Simulation simulation;
  private final JobSpec job;
  private final Agenda agenda = new Agenda();
  private final World world;
  private final Map<NodeId, SimulatedNode> nodes = new LinkedHashMap<>();
  private final SimulatedNetwork network;
  private final SimulatedTraining training;
  private final Deque<SimulatedInterval> closed = new ArrayDeque<>();
  private final SimulatedActions actions;
  private final Optional<SimulatedRecoveries> recoveries;
  private boolean onSite;

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
    recoveries =
        simulation
            .restoring()
            .map(
                restoring ->
                    new SimulatedRecoveries(
                        simulation, restoring, actions, training, network, nodes, agenda));
    training.assign(simulation.initial(), 0);
    nodes.values().forEach(SimulatedNode::probe);
    training.begin();
    long first = Math.floorDiv(simulation.start().toEpochMilli(), intervalMillis());
    agenda.at(endOf(first), () -> close(first));
    recoveries.ifPresent(SimulatedRecoveries::start);
  }

  /** Lets time pass to the end of the next interval and tells of it. */
  public synchronized SimulatedInterval nextInterval() {
    requireAlone("nextInterval");
    return pass();
  }

  /** The next interval, of a job alone or on a site. */
  synchronized SimulatedInterval pass() {
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
    requireAlone("advanceTo");
    agenda.advanceTo(seconds);
  }

  /** Seconds since the start of the job. */
  public synchronized double nowSeconds() {
    return agenda.now();
  }

  /** It is one of several jobs from now on, and lets no time pass for itself alone. */
  synchronized void join() {
    onSite = true;
  }

  private void requireAlone(String what) {
    if (onSite) {
      throw new IllegalStateException(
          what
              + " lets time pass for job "
              + job.id()
              + " alone, which shares machines with others: use begin or restart, and nextInterval"
              + " of the site");
    }
  }

  /** Share of the last interval in which each node computed. */
  synchronized Map<NodeId, Double> busyShares() {
    Map<NodeId, Double> shares = new TreeMap<>();
    nodes.forEach((id, node) -> shares.put(id, node.busyShare()));
    return shares;
  }

  /** Others compute on a node's machine, which slows its compute by a factor from now on. */
  synchronized void share(NodeId id, double factor) {
    SimulatedNode node = nodes.get(id);
    if (node != null) {
      node.share(factor);
    }
  }

  /**
   * What links and nodes truly give now, without noise, slowed by what other jobs of a site compute
   * on the same machines; for judges and oracles.
   */
  public synchronized Conditions trueConditions() {
    Conditions alone = world.conditions(agenda.now());
    Map<NodeId, Double> slowdowns = new TreeMap<>(alone.slowdowns());
    nodes.forEach((id, node) -> slowdowns.merge(id, node.sharing(), (a, b) -> a * b));
    return new Conditions(alone.links(), slowdowns);
  }

  /**
   * What links and nodes truly give on average over a time, past or future, without noise of nodes.
   *
   * @param fromSeconds and {@code toSeconds}: since the start of the job
   */
  public synchronized Conditions meanConditions(double fromSeconds, double toSeconds) {
    return world.meanConditions(fromSeconds, toSeconds);
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
    requireAlone("move");
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
        () ->
            actions
                .state()
                .disallowed(target)
                .or(() -> recoveries.flatMap(dead -> dead.refused(target))),
        course ->
            new SimulatedMove(
                new LayerMove(action, epoch, placement(), target),
                simulation,
                training,
                network::send,
                takingPart(),
                agenda,
                course));
  }

  private Collection<SimulatedNode> takingPart() {
    return recoveries.isPresent() ? recoveries.get().alive() : nodes.values();
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
                placement(),
                target,
                downSeconds,
                checkpointEverySteps,
                training,
                agenda,
                course,
                recoveries));
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
    requireAlone("setCompression");
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
            () ->
                actions
                    .state()
                    .disallowed(link, compression)
                    .or(() -> recoveries.flatMap(dead -> dead.refused(placement()))),
            course ->
                new SimulatedCompression(
                    simulation,
                    actions.state().compression().with(link, compression),
                    training,
                    takingPart(),
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
    return new TrainingProgress(
        training.steps(),
        training.epoch(),
        Optional.of(simulation.start()),
        training.firstStep(),
        training.log().stepsPerSecond(),
        training.log().since(sinceStep),
        nodes.keySet().stream().map(NodeId::value).toList(),
        recoveries.map(SimulatedRecoveries::status).orElse(""),
        recoveries.map(SimulatedRecoveries::history).orElse(List.of()));
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
