package io.foresplit.bench.diagnosis;

import io.foresplit.bench.evaluate.Stages;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JobSpec;
import io.foresplit.diagnoser.DiagnosisStage;
import io.foresplit.diagnoser.MetricRing;
import java.util.List;

/**
 * A diagnoser beside that of the service, which is told an onset that is wrong. Nobody acts on what
 * it says. Not thread-safe.
 */
final class SecondOpinion {
  private final DiagnosisStage stage;
  private final long errorIntervals;

  /**
   * @param errorSeconds by how much the onset it is told is later than the one that was estimated
   */
  SecondOpinion(Stages stages, JobSpec job, double errorSeconds) {
    stage = new DiagnosisStage(stages.diagnoser(), stages.planner(), stages.learning());
    errorIntervals = Math.round(1e3 * errorSeconds / job.interval().toMillis());
  }

  /** The metrics its diagnoses are made from. */
  MetricRing history() {
    return stage.history();
  }

  List<Diagnosis> on(JobRecord entry) {
    return stage.on(entry);
  }

  List<Diagnosis> on(Incident incident) {
    return stage.on(misdated(incident));
  }

  private Incident misdated(Incident incident) {
    long onset = incident.onsetInterval() + errorIntervals;
    return new Incident(
        incident.id(),
        incident.job(),
        incident.phase(),
        incident.interval(),
        incident.openedInterval(),
        Math.max(0, Math.min(onset, incident.interval())),
        incident.at(),
        incident.epoch(),
        incident.risks(),
        incident.silent(),
        incident.now(),
        incident.expected(),
        incident.degradation());
  }
}
