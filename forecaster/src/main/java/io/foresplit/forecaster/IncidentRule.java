package io.foresplit.forecaster;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.ObjectiveId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * When risk is an incident: hysteresis, and one fault one incident. Opens on lasting evidence, is
 * updated when there is something new to plan from, at once when a further objective is at risk,
 * and is resolved when the risk is low and the conditions have settled. Stateless; the state is the
 * job's.
 */
final class IncidentRule {
  private static final int SETTLED_TICKS = 8;
  private static final int MOVED_TICKS = 4;

  /** Longest that news of a new epoch waits for the step time to be forecast there. */
  private static final int MOST_WAIT_TICKS = 16;

  private final ForecasterConfig config;

  IncidentRule(ForecasterConfig config) {
    this.config = config;
  }

  /**
   * A job at a tick.
   *
   * @param risks of armed objectives that could be judged
   * @param ready whether all armed objectives could be
   * @param atRisk objectives whose risk has been high for long enough
   * @param stepSeconds predicted, the measure of what matters
   * @param onset asked when an incident opens
   */
  record Situation(
      IntervalTick tick,
      boolean warm,
      List<BreachRisk> risks,
      boolean ready,
      Set<ObjectiveId> atRisk,
      ConditionOutlook conditions,
      double stepSeconds,
      LongSupplier onset) {}

  Optional<Incident> decide(IncidentState state, Situation at) {
    Set<NodeId> lost = state.silent(at.tick().silent(), config.silentTicks());
    OpenIncident open = state.open();
    if (open == null) {
      boolean trouble = !at.atRisk().isEmpty() || !lost.isEmpty();
      return at.warm() && trouble ? Optional.of(open(state, at, lost)) : Optional.empty();
    }
    boolean further = open.join(at.atRisk(), lost);
    boolean settled = at.conditions().settled(config.settledChange(), at.stepSeconds());
    open.observe(settled, isCalm(at) && state.allReport(), moved(open, at));
    return follow(state, open, at, further);
  }

  private Incident open(IncidentState state, Situation at, Set<NodeId> lost) {
    ConditionOutlook conditions = at.conditions();
    OpenIncident open =
        new OpenIncident(
            at.tick().interval(),
            at.atRisk().isEmpty()
                ? at.tick().interval() - state.longestSilence() + 1
                : at.onset().getAsLong(),
            conditions.now(),
            conditions.expected());
    open.join(at.atRisk(), lost);
    state.setOpen(open);
    return send(open, Incident.Phase.OPEN, at, conditions.now(), conditions.expected(), false);
  }

  private Optional<Incident> follow(
      IncidentState state, OpenIncident open, Situation at, boolean further) {
    boolean settled = open.settledTicks() >= SETTLED_TICKS;
    boolean moved = open.movedTicks() >= MOVED_TICKS;
    if (further) {
      return Optional.of(update(open, at, settled, moved));
    }
    long waited = at.tick().interval() - open.sentInterval();
    if (waited < config.updateTicks()) {
      return Optional.empty();
    }
    Conditions level = at.conditions().settledLevel();
    if (open.sentSettled() && open.calmTicks() >= config.resolveTicks()) {
      state.setOpen(null);
      return Optional.of(send(open, Incident.Phase.RESOLVED, at, level, level, true));
    }
    boolean newEpoch = at.tick().epoch() != open.sentEpoch();
    if (newEpoch && !at.ready() && waited < MOST_WAIT_TICKS) {
      return Optional.empty();
    }
    if (settled && !open.sentSettled()) {
      return Optional.of(send(open, Incident.Phase.UPDATED, at, level, level, true));
    }
    return open.joined() || newEpoch || moved
        ? Optional.of(update(open, at, settled, moved))
        : Optional.empty();
  }

  private static Incident update(OpenIncident open, Situation at, boolean settled, boolean moved) {
    ConditionOutlook conditions = at.conditions();
    Conditions level = conditions.settledLevel();
    return settled
        ? send(open, Incident.Phase.UPDATED, at, level, level, true)
        : send(
            open,
            Incident.Phase.UPDATED,
            at,
            conditions.now(),
            conditions.expected(),
            open.sentSettled() && !moved);
  }

  private boolean moved(OpenIncident open, Situation at) {
    ConditionOutlook conditions = at.conditions();
    double change = config.updateChange();
    return conditions.moved(open.sentNow(), change, at.stepSeconds())
        || (open.settledTicks() < SETTLED_TICKS
            && conditions.turned(open.sentExpected(), change, at.stepSeconds()));
  }

  private boolean isCalm(Situation at) {
    return at.ready()
        && at.risks().stream()
            .allMatch(r -> !r.breached() && r.probability() < config.resolveProbability());
  }

  private static Incident send(
      OpenIncident open,
      Incident.Phase phase,
      Situation at,
      Conditions now,
      Conditions expected,
      boolean settled) {
    IntervalTick tick = at.tick();
    open.sent(tick.interval(), tick.epoch(), now, expected, settled);
    return new Incident(
        open.id(),
        tick.jobId(),
        phase,
        tick.interval(),
        open.openedInterval(),
        open.onsetInterval(),
        tick.end(),
        tick.epoch(),
        at.risks().stream().filter(r -> open.objectives().contains(r.objective())).toList(),
        List.copyOf(open.lost()),
        now,
        expected);
  }

  /** What the rule remembers of a job. Mutable, not thread-safe. */
  static final class IncidentState {
    private final Map<NodeId, Integer> silentRuns = new TreeMap<>();
    private @Nullable OpenIncident open;

    @Nullable OpenIncident open() {
      return open;
    }

    void setOpen(@Nullable OpenIncident incident) {
      open = incident;
    }

    Map<NodeId, Integer> silentRuns() {
      return silentRuns;
    }

    int longestSilence() {
      return silentRuns.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    boolean allReport() {
      return silentRuns.isEmpty();
    }

    /** Counts silent intervals; the nodes that have been silent for long enough. */
    Set<NodeId> silent(List<NodeId> nodes, int ticks) {
      silentRuns.keySet().retainAll(nodes);
      nodes.forEach(node -> silentRuns.merge(node, 1, Integer::sum));
      return silentRuns.entrySet().stream()
          .filter(run -> run.getValue() >= ticks)
          .map(Map.Entry::getKey)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
