package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IncidentRuleTest {
  private static final JobSpec JOB = Fixtures.lenetJob();
  private static final ObjectiveId ONE = JOB.objectives().get(0).id();
  private static final ObjectiveId OTHER = JOB.objectives().get(1).id();

  private final IncidentRule rule = new IncidentRule(ForecasterConfig.defaults());
  private final IncidentRule.IncidentState state = new IncidentRule.IncidentState();
  private long interval = 100;

  private Optional<Incident> next(Set<ObjectiveId> atRisk, NodeId... silent) {
    IntervalTick tick =
        new IntervalTick(
            JOB.id(), ++interval, 0, Instant.EPOCH, Duration.ofSeconds(5), List.of(silent));
    List<BreachRisk> risks =
        JOB.objectives().stream()
            .map(Objective::id)
            .map(id -> new BreachRisk(id, atRisk.contains(id) ? 0.9 : 0, -1, -1, -1, 1, false))
            .toList();
    return rule.decide(
        state,
        new IncidentRule.Situation(
            tick,
            true,
            risks,
            true,
            atRisk,
            ConditionOutlook.of(JOB, List.of()),
            1,
            () -> interval));
  }

  @Test
  void aFurtherObjectiveAtRiskIsToldAtOnceAndOnce() {
    Incident opened = next(Set.of(ONE)).orElseThrow();
    assertThat(next(Set.of(ONE))).isEmpty();

    Incident joined = next(Set.of(ONE, OTHER)).orElseThrow();

    assertThat(joined.id()).isEqualTo(opened.id());
    assertThat(joined.phase()).isEqualTo(Incident.Phase.UPDATED);
    assertThat(joined.risks()).extracting(BreachRisk::objective).containsExactly(ONE, OTHER);
    assertThat(next(Set.of(ONE))).isEmpty();
    assertThat(next(Set.of(ONE, OTHER))).isEmpty();
  }

  @Test
  void theObjectiveThatASilentNodePutsAtRiskWaitsForTheNextRecord() {
    NodeId node = JOB.nodes().get(1).id();
    next(Set.of(), node);
    assertThat(next(Set.of(), node)).isPresent();
    assertThat(next(Set.of(ONE), node)).isEmpty();
  }
}
