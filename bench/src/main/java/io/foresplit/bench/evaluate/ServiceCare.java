package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** This product looks after a job; its decisions are kept as alarms and acts. */
final class ServiceCare implements Care, VirtualService.Listener {
  private final CareContext context;
  private final VirtualService service;
  private final Map<IncidentId, Alarm> alarms = new LinkedHashMap<>();
  private final Map<ActionId, Act> acts = new LinkedHashMap<>();
  private double now;

  ServiceCare(Stages stages, CareContext context) {
    this.context = context;
    service =
        new VirtualService(stages, context.job().id(), context.start(), context.runtime(), this);
  }

  @Override
  public void onInterval(SimulatedInterval interval) {
    now = context.seconds(interval.end());
    service.onInterval(interval);
  }

  @Override
  public void incident(Incident incident) {
    // the tick of an interval in which a node is silent comes late
    double at = Math.max(now, context.seconds(incident.at()));
    switch (incident.phase()) {
      case OPEN -> alarms.put(incident.id(), new Alarm(at, null, List.of(), List.of()));
      case UPDATED -> {}
      case RESOLVED ->
          alarms.computeIfPresent(
              incident.id(),
              (id, alarm) -> new Alarm(alarm.openedSeconds(), at, alarm.ranked(), alarm.path()));
    }
  }

  /** The first diagnosis of an incident counts; later ones have seen more. */
  @Override
  public void diagnosed(Diagnosis diagnosis) {
    alarms.computeIfPresent(
        diagnosis.incident().id(),
        (id, alarm) ->
            alarm.ranked().isEmpty() && diagnosis.revision() == 0
                ? new Alarm(
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
                    path(diagnosis))
                : alarm);
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

  @Override
  public void journaled(JournalEntry entry) {
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
    Act act =
        plan.action() instanceof MoveLayers move
            ? context.move(context.seconds(at), move.from(), move.to())
            : Act.told(plan.action().kind(), context.seconds(at));
    acts.put(plan.actionId(), act);
  }

  private void change(ActionId action, String result, long pauseMillis) {
    acts.computeIfPresent(
        action, (id, act) -> act.ended(result, (double) pauseMillis, act.stepsLost()));
  }

  @Override
  public List<Alarm> alarms() {
    return List.copyOf(alarms.values());
  }

  @Override
  public List<Act> acts() {
    return List.copyOf(acts.values());
  }
}
