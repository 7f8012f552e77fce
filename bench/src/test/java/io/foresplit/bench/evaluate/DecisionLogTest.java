package io.foresplit.bench.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.RankedCause;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DecisionLogTest {
  private static final Conditions NONE = new Conditions(Map.of(), Map.of());

  private final DecisionLog log =
      new DecisionLog(Instant::getEpochSecond, (at, from, to) -> Act.told("move", at));

  private Incident tell(Incident.Phase phase, long at, String... objectives) {
    Incident incident =
        new Incident(
            new IncidentId("inc-1"),
            new JobId("job"),
            phase,
            at,
            1,
            1,
            Instant.ofEpochSecond(at),
            0,
            Stream.of(objectives)
                .map(id -> new BreachRisk(new ObjectiveId(id), 0.9, -1, -1, -1, 1, false))
                .toList(),
            List.of(),
            NONE,
            NONE);
    log.incident(incident, (double) at);
    return incident;
  }

  private void name(Incident incident, int revision, Cause cause) {
    log.diagnosed(
        new Diagnosis(
            incident,
            revision,
            List.of(new RankedCause(ComponentId.JOB, cause, 1, List.of())),
            List.of(),
            "",
            "test"));
  }

  @Test
  void aFurtherObjectiveRaisesAnAlarmWithItsOwnDiagnosis() {
    name(tell(Incident.Phase.OPEN, 10, "step-time"), 0, Cause.UPLINK_FADE);
    name(tell(Incident.Phase.UPDATED, 20, "step-time"), 1, Cause.NODE_SLOWDOWN);
    name(tell(Incident.Phase.UPDATED, 30, "step-time", "loss"), 2, Cause.LABEL_DRIFT);
    tell(Incident.Phase.UPDATED, 40, "step-time");
    tell(Incident.Phase.UPDATED, 50, "step-time", "loss");
    tell(Incident.Phase.RESOLVED, 60, "step-time", "loss");

    assertThat(log.alarms()).extracting(Alarm::openedSeconds).containsExactly(10.0, 30.0);
    assertThat(log.alarms()).extracting(Alarm::resolvedSeconds).containsOnly(60.0);
    assertThat(log.alarms())
        .extracting(alarm -> alarm.ranked().get(0).cause())
        .containsExactly(Cause.UPLINK_FADE.label(), Cause.LABEL_DRIFT.label());
  }

  @Test
  void theObjectiveThatFollowsASilentNodeIsNoFurtherAlarm() {
    tell(Incident.Phase.OPEN, 10);
    tell(Incident.Phase.UPDATED, 20, "step-time");
    assertThat(log.alarms()).hasSize(1);
  }
}
