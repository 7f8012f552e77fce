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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
  private final List<SplitTopology> announced = new ArrayList<>();
  private CoordinatorState state;
  private @Nullable ActionId running;

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
    state =
        CoordinatorState.initial(
                new SplitTopology(job, 0, simulation.initial(), simulation.start()),
                simulation.optimiser(),
                simulation.seed())
            .withCompression(new LinkCompressions(0, simulation.compression()));
    announced.add(state.topology());
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
    return state.topology();
  }

  @Override
  public synchronized void fence(JobId asked, long term) throws IOException {
    requireJob(asked);
    if (term < state.term()) {
      throw new IOException("term " + term + " is fenced off, the highest one is " + state.term());
    }
    state = state.withTerm(term);
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
    return begin(
        action,
        term,
        epoch,
        () -> state.disallowed(target),
        () ->
            new SimulatedMove(
                    new LayerMove(action, epoch, state.topology().placement(), target),
                    simulation,
                    training,
                    network::send,
                    nodes,
                    agenda,
                    new Ends())
                .start());
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
        begin(
            action,
            term,
            epoch,
            () -> state.disallowed(link, compression),
            () ->
                new SimulatedCompression(
                        simulation,
                        state.compression().with(link, compression),
                        training,
                        nodes,
                        agenda,
                        new CompressionEnds(action))
                    .start());
    return awaited(action, accepted);
  }

  /** How links are compressed. */
  public synchronized LinkCompressions compressions(JobId asked) throws IOException {
    requireJob(asked);
    return state.compression();
  }

  private MoveResult begin(
      ActionId action,
      long term,
      long epoch,
      Supplier<Optional<String>> disallowed,
      Runnable start) {
    MoveResult kept = state.results().get(action);
    if (kept != null) {
      return kept;
    }
    Optional<String> refusal = state.stale(term, epoch).or(this::busy).or(disallowed);
    if (refusal.isPresent()) {
      return new MoveResult(State.REFUSED, state.topology().epoch(), 0, 0, refusal.get());
    }
    MoveResult accepted = new MoveResult(State.IN_PROGRESS, epoch, 0, 0, "");
    state = state.withTerm(term).withResult(action, accepted);
    running = action;
    start.run();
    return Optional.ofNullable(state.results().get(action)).orElse(accepted);
  }

  private MoveResult awaited(ActionId action, MoveResult accepted) {
    while (action.equals(running)) {
      agenda.next();
    }
    return Optional.ofNullable(state.results().get(action)).orElse(accepted);
  }

  private Optional<String> busy() {
    return running == null ? Optional.empty() : Optional.of("action " + running + " is under way");
  }

  private final class Ends implements SimulatedMove.Ends {
    @Override
    public void commit(LayerMove move, long movedBytes) {
      long epoch = move.epoch() + 1;
      state =
          state
              .withPlacement(move.to(), wall(agenda.now()))
              .withResult(
                  move.action(),
                  new MoveResult(State.COMMITTED, epoch, 0, movedBytes, "committed"));
      announced.add(state.topology());
    }

    @Override
    public void over(LayerMove move, MoveResult result) {
      state = state.withResult(move.action(), result);
      running = null;
    }
  }

  private final class CompressionEnds implements SimulatedCompression.Ends {
    private final ActionId action;

    CompressionEnds(ActionId action) {
      this.action = action;
    }

    @Override
    public void commit(LinkCompressions next) {
      state =
          state
              .withCompression(next)
              .withResult(
                  action,
                  new MoveResult(State.COMMITTED, state.topology().epoch(), 0, 0, "committed"));
    }

    @Override
    public void over(State outcome, long pauseMillis, String detail, long durationMillis) {
      state =
          state.withResult(
              action,
              new MoveResult(
                  outcome, state.topology().epoch(), pauseMillis, 0, detail, durationMillis));
      running = null;
    }
  }

  @Override
  public synchronized Optional<MoveResult> status(JobId asked, ActionId action) throws IOException {
    requireJob(asked);
    return Optional.ofNullable(state.results().get(action));
  }

  /**
   * How far training is.
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
    closed.add(new SimulatedInterval(interval, end, announced, reports));
    announced.clear();
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
