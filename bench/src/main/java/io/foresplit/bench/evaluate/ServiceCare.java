package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JournalEntry;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.util.List;

/** This product looks after a job; its decisions are kept as alarms and acts. */
final class ServiceCare implements Care, VirtualService.Listener {
  private final CareContext context;
  private final VirtualService service;
  private final DecisionLog decisions;
  private double now;

  ServiceCare(Stages stages, CareContext context) {
    this.context = context;
    decisions = new DecisionLog(context::seconds, context::move);
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
    decisions.incident(incident, Math.max(now, context.seconds(incident.at())));
  }

  @Override
  public void diagnosed(Diagnosis diagnosis) {
    decisions.diagnosed(diagnosis);
  }

  @Override
  public void journaled(JournalEntry entry) {
    decisions.journaled(entry);
  }

  @Override
  public List<Alarm> alarms() {
    return decisions.alarms();
  }

  @Override
  public List<Act> acts() {
    return decisions.acts();
  }
}
