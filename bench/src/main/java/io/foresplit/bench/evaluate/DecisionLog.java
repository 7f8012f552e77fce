package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * What the service decided about one job, as alarms and acts, in virtual time or in real time. Of
 * each incident the opening must be told before its diagnoses. Not thread-safe.
 */
final class DecisionLog {
  private final ToDoubleFunction<Instant> seconds;
  private final MoveJudge judge;
  private final Map<Told, Alarm> alarms = new LinkedHashMap<>();
  private final Set<Told> answered = new HashSet<>();
  private final Map<IncidentId, Set<ObjectiveId>> atRisk = new HashMap<>();
  private final Map<ActionId, Act> acts = new LinkedHashMap<>();

  /** The record of an incident that raised an alarm. */
  private record Told(IncidentId incident, long interval) {
    static Told in(Incident incident) {
      return new Told(incident.id(), incident.interval());
    }
  }

  /** Says what a move is worth. */
  @FunctionalInterface
  interface MoveJudge {
    Act move(double atSeconds, Placement from, Placement to);
  }

  /**
   * @param seconds since the start of the job
   */
  DecisionLog(ToDoubleFunction<Instant> seconds, MoveJudge judge) {
    this.seconds = seconds;
    this.judge = judge;
  }

  /**
   * An incident changed. An alarm is raised when it opens, and when a further objective joins those
   * at risk.
   *
   * @param at when that was known, seconds since the start of the job
   */
  void incident(Incident incident, double at) {
    Alarm raised = new Alarm(at, null, List.of(), List.of());
    Set<ObjectiveId> before = atRisk.computeIfAbsent(incident.id(), id -> new HashSet<>());
    boolean hadOthers = !before.isEmpty();
    boolean grew = before.addAll(incident.risks().stream().map(BreachRisk::objective).toList());
    switch (incident.phase()) {
      case OPEN -> alarms.put(Told.in(incident), raised);
      case UPDATED -> {
        if (hadOthers && grew) {
          alarms.put(Told.in(incident), raised);
        }
      }
      case RESOLVED ->
          alarms.replaceAll(
              (told, alarm) ->
                  told.incident().equals(incident.id())
                      ? new Alarm(alarm.openedSeconds(), at, alarm.ranked(), alarm.path())
                      : alarm);
    }
  }

  /** The first diagnosis of an alarm counts; later ones have seen more. */
  void diagnosed(Diagnosis diagnosis) {
    Told told = Told.in(diagnosis.incident());
    if (answered.add(told)) {
      alarms.computeIfPresent(
          told,
          (same, alarm) ->
              new Alarm(
                  alarm.openedSeconds(),
                  alarm.resolvedSeconds(),
                  diagnosis.ranked().stream()
                      .map(
                          cause ->
                              new Alarm.Candidate(
                                  cause.component().value(),
                                  cause.cause().label(),
                                  cause.probability()))
                      .toList(),
                  path(diagnosis)));
    }
  }

  /** Components of the evidence of the top cause, in the order in which it is cited. */
  private static List<String> path(Diagnosis diagnosis) {
    Set<String> path = new LinkedHashSet<>();
    for (RankedCause top : diagnosis.top().stream().toList()) {
      path.add(top.component().value());
      for (String cited : top.evidence()) {
        diagnosis.evidence().stream()
            .filter(fact -> fact.id().equals(cited))
            .map(Evidence::series)
            .forEach(series -> path.add(series.component().value()));
      }
      path.remove(ComponentId.JOB.value());
      path.add(ComponentId.JOB.value());
    }
    return List.copyOf(path);
  }

  void journaled(JournalEntry entry) {
    if (entry instanceof JournalEntry.Intended intended) {
      intend(intended.plan(), intended.at());
    } else if (entry instanceof JournalEntry.UndoIntended undo) {
      intend(undo.reverse(), undo.at());
    } else if (entry instanceof JournalEntry.Executed executed) {
      change(executed.action(), "OPEN", executed.pauseMillis());
    } else if (entry instanceof JournalEntry.Closed closed) {
      change(closed.action(), closed.outcome().result().name(), closed.outcome().pauseMillis());
    }
  }

  private void intend(RecoveryPlan plan, Instant at) {
    double then = seconds.applyAsDouble(at);
    Act act =
        plan.action() instanceof MoveLayers move
            ? judge.move(then, move.from(), move.to())
            : Act.told(plan.action().kind(), then);
    acts.put(plan.actionId(), act);
  }

  private void change(ActionId action, String result, long pauseMillis) {
    acts.computeIfPresent(
        action, (id, act) -> act.ended(result, (double) pauseMillis, act.stepsLost()));
  }

  /** In the order in which they were raised. */
  List<Alarm> alarms() {
    return List.copyOf(alarms.values());
  }

  /** In the order in which they were decided. */
  List<Act> acts() {
    return List.copyOf(acts.values());
  }
}
