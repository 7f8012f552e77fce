package io.foresplit.bench.scenario;

import io.foresplit.bench.scenario.Scenario.PlannedMove;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Draws what is hard about a healthy world. By the step time model, a step stays below its bound
 * with room for noise. Not thread-safe.
 */
final class NormalDraw {
  /** Share of the bound that a step takes at most, whatever is drawn. */
  private static final double MOST_SHARE = 0.82;

  /** The same where another job computes on the same machines, which the model does not know. */
  private static final double MOST_SHARE_SHARED = 0.62;

  /** There is always room for this factor. */
  private static final double LEAST_ROOM = 1.05;

  private static final double EARLIEST_SECONDS = 150;
  private static final double LONGEST_MOVE_SECONDS = 8;

  private final SplittableRandom random;
  private final double durationSeconds;
  private final double mostShare;

  NormalDraw(SplittableRandom random, double durationSeconds, boolean isShared) {
    this.random = random;
    this.durationSeconds = durationSeconds;
    mostShare = isShared ? MOST_SHARE_SHARED : MOST_SHARE;
  }

  /** What is drawn for one job. */
  record Hard(Placement initial, List<Disturbance> normal, List<PlannedMove> moves) {
    static Hard nothing(Placement initial) {
      return new Hard(initial, List.of(), List.of());
    }
  }

  /**
   * What is hard in a job of a scenario of a kind.
   *
   * @param kind such as {@code normal:diurnal-load}
   */
  Hard draw(Topology.Member job, String kind) {
    Placement initial = pick(job.healthy());
    List<Disturbance> normal = new ArrayList<>();
    List<PlannedMove> moves = new ArrayList<>();
    boolean mixed = kind.equals(ScenarioKind.MIXED);
    double room = mostShare * job.bound();
    double load = 1;
    if (mixed || kind.equals(labelled(DisturbanceKind.DIURNAL_LOAD))) {
      load = diurnal(job, initial, mixed ? 0.9 * room : room, normal);
    }
    boolean bursts = !mixed || random.nextBoolean();
    if (kind.equals(labelled(DisturbanceKind.NOISE_BURST)) || (mixed && bursts)) {
      bursts(normal);
    }
    if (kind.equals(labelled(DisturbanceKind.BATCH_SIZE)) || (mixed && !bursts)) {
      batch(Math.max(LEAST_ROOM, room / (load * job.stepSeconds(initial))), normal);
    }
    if (kind.equals(ScenarioKind.PLANNED_MOVE) || (mixed && bursts && load < 1.2)) {
      move(job, initial).ifPresent(moves::add);
    }
    return new Hard(initial, normal, moves);
  }

  /** The label of a kind in tables. */
  static String labelled(DisturbanceKind kind) {
    return ScenarioKind.NORMAL + kind.label();
  }

  /** Load that comes and goes on the nodes with layers; by what factor a step then is longer. */
  private double diurnal(
      Topology.Member job, Placement initial, double most, List<Disturbance> normal) {
    double period = Rounded.seconds(random.nextDouble(600, 1200));
    double size = random.nextDouble(1.3, 1.9);
    double enough = Math.max(most, LEAST_ROOM * job.stepSeconds(initial));
    double seconds = loaded(job, initial, size);
    while (seconds > enough) {
      size = 1 + 0.8 * (size - 1);
      seconds = loaded(job, initial, size);
    }
    double peak = Math.floor(size * 100) / 100;
    initial.nodeOfLayer().stream()
        .distinct()
        .forEach(
            node ->
                normal.add(
                    Disturbance.recurring(
                        DisturbanceKind.DIURNAL_LOAD, ComponentId.of(node), 0, 0, period, peak)));
    return loaded(job, initial, peak) / job.stepSeconds(initial);
  }

  private static double loaded(Topology.Member job, Placement initial, double slowdown) {
    Conditions conditions = job.spec().declaredConditions();
    for (var node : initial.nodeOfLayer()) {
      conditions = conditions.withSlowdown(node, slowdown);
    }
    return job.stepSeconds(initial, conditions);
  }

  private void bursts(List<Disturbance> normal) {
    int bursts = random.nextInt(1, 4);
    for (int i = 0; i < bursts; i++) {
      normal.add(
          Disturbance.lasting(
                  DisturbanceKind.NOISE_BURST,
                  ComponentId.JOB,
                  moment(0.85),
                  0,
                  Rounded.of(random.nextDouble(2.5, 5)))
              .lasting(Rounded.seconds(random.nextDouble(60, 200))));
    }
  }

  /** Larger or smaller batches for a while, or for good. */
  private void batch(double most, List<Disturbance> normal) {
    double larger = Math.min(random.nextDouble(1.15, 1.45), most);
    double factor = random.nextInt(3) == 0 ? random.nextDouble(0.6, 0.85) : larger;
    Disturbance change =
        Disturbance.lasting(
            DisturbanceKind.BATCH_SIZE,
            ComponentId.JOB,
            moment(0.6),
            0,
            Math.floor(factor * 100) / 100);
    normal.add(
        random.nextBoolean()
            ? change
            : change.lasting(Rounded.seconds(random.nextDouble(240, 600))));
  }

  private Optional<PlannedMove> move(Topology.Member job, Placement initial) {
    List<Placement> targets =
        job.healthy().stream()
            .filter(target -> !target.equals(initial))
            .filter(target -> job.moveSeconds(initial, target) <= LONGEST_MOVE_SECONDS)
            .toList();
    return targets.isEmpty()
        ? Optional.empty()
        : Optional.of(new PlannedMove(moment(0.6), pick(targets)));
  }

  private double moment(double latestShare) {
    return Rounded.seconds(random.nextDouble(EARLIEST_SECONDS, latestShare * durationSeconds));
  }

  private Placement pick(List<Placement> placements) {
    return placements.get(random.nextInt(placements.size()));
  }
}
