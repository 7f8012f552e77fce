package io.foresplit.bench.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.scenario.Suite;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.Reasoning.Recommendation;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.SeriesKey;
import io.foresplit.runtime.plan.CutPlanner;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a language model is asked about in the benchmark, and what its moves are worth there. */
class ModelCaseTest {
  private static final PlacementPlanner PLANNER = new CutPlanner();
  private static ModelCase asked;

  @BeforeAll
  static void sample() {
    asked =
        ModelCase.sample(
                Suite.QUICK.scenarios(1).stream()
                    .filter(scenario -> scenario.kind().equals("uplink-fade"))
                    .toList(),
                1)
            .get(0);
  }

  @Test
  void itIsToldWhatIsHeldAtThatTimeAndNothingLater() {
    Incident incident = asked.diagnosis().incident();
    assertThat(asked.facts().now()).isEqualTo(incident.interval());
    SeriesKey series = asked.diagnosis().evidence().get(0).series();
    double[] values =
        asked
            .facts()
            .history()
            .window(incident.job(), series, incident.interval() + 2, 12)
            .values();
    assertThat(values).endsWith(Double.NaN, Double.NaN);
    assertThat(values[9]).isFinite();
  }

  @Test
  void aMoveThePlannerFindsItselfIsNotTheModels() {
    assertThat(weighed(PLANNER, best())).isEqualTo(new WeighedMoves(1, 0, 0));
  }

  @Test
  void aMoveOnlyTheModelFindsWinsWhenItIsBetter() {
    assertThat(weighed(new Blind(), best())).isEqualTo(new WeighedMoves(1, 0, 1));
  }

  @Test
  void aMoveFromElsewhereIsRefused() {
    MoveLayers elsewhere = new MoveLayers(best().to(), best().from());
    assertThat(weighed(PLANNER, elsewhere)).isEqualTo(new WeighedMoves(1, 1, 0));
    assertThat(weighed(PLANNER)).isEqualTo(WeighedMoves.NONE);
  }

  private static MoveLayers best() {
    return new MoveLayers(
        asked.topology().placement(),
        PLANNER.best(asked.topology().job(), asked.diagnosis().incident().expected()));
  }

  private static WeighedMoves weighed(PlacementPlanner planner, MoveLayers... moves) {
    Diagnosis by = asked.diagnosis();
    Reasoning reasoning =
        new Reasoning(
            "m",
            List.of(),
            Stream.of(moves).map(move -> new Recommendation(move, "It is faster.")).toList(),
            "The rate comes back.");
    return WeighedMoves.of(
        Stages.ofService().withPlanning(planner),
        new Diagnosis(
            by.incident(),
            1,
            by.ranked(),
            by.evidence(),
            by.explanation(),
            "statistics+llm:m",
            Optional.of(reasoning)),
        asked.topology());
  }

  /** Finds nothing better than what is in force. */
  private static final class Blind implements PlacementPlanner {
    @Override
    public Placement best(JobSpec job, Conditions conditions) {
      return asked.topology().placement();
    }

    @Override
    public double predict(JobSpec job, Placement placement, Conditions conditions) {
      return PLANNER.predict(job, placement, conditions);
    }

    @Override
    public double moveSeconds(JobSpec job, Placement from, Placement to, Conditions conditions) {
      return PLANNER.moveSeconds(job, from, to, conditions);
    }
  }
}
