package io.foresplit.bench.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.measure.Judged;
import io.foresplit.bench.measure.Measure;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Scores;
import io.foresplit.bench.report.TextReport;
import io.foresplit.bench.scenario.ScenarioFile;
import io.foresplit.bench.scenario.Suite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The quick suite with floors on its measures, a little below the figures of docs/evaluation.md;
 * and that they fall when a part of the service is made worse. Tuning and scoring together.
 */
class QuickSuiteTest {
  private static final Logger LOG = LoggerFactory.getLogger(QuickSuiteTest.class);
  private static final long SEED = 1;

  @TempDir static Path folder;
  private static Map<String, Scores> product;

  @BeforeAll
  static void run() throws Exception {
    List<Run> runs = runs(Stages.ofService(), EnumSet.allOf(Strategy.class));
    TextReport.lines(Run.SIMULATED, runs).forEach(LOG::info);
    product = scores(runs);
  }

  private static List<Run> runs(Stages stages, Set<Strategy> strategies) throws Exception {
    List<ScenarioFile> scenarios =
        Suite.QUICK.scenarios(SEED).stream().map(ScenarioFile::of).toList();
    RunStore store = RunStore.open(folder.resolve("progress.jsonl"), "quick");
    List<Run> runs =
        Evaluation.run(
                scenarios,
                strategies,
                new ScenarioRunner(stages),
                store,
                Runtime.getRuntime().availableProcessors(),
                (done, all) -> {})
            .runs();
    store.delete();
    return runs;
  }

  private static Map<String, Scores> scores(List<Run> runs) {
    return Scores.byStrategy(runs.stream().map(Judged::of).toList());
  }

  private static double of(Strategy strategy, Measure measure) {
    return product.get(strategy.label()).median(measure).orElseThrow();
  }

  private static Scores mutant(Mutant mutant) throws Exception {
    Stages stages = mutant.of(Stages.ofService());
    return scores(runs(stages, EnumSet.of(Strategy.PROACTIVE))).get(Strategy.PROACTIVE.label());
  }

  private static double proactive(Measure measure) {
    return of(Strategy.PROACTIVE, measure);
  }

  @Test
  void theProductKeepsItsFloors() {
    assertThat(proactive(Measure.PRECISION)).isGreaterThan(0.9);
    assertThat(proactive(Measure.RECALL)).isGreaterThan(0.9);
    assertThat(proactive(Measure.WARNED_AHEAD))
        .isGreaterThan(2 * of(Strategy.RANDOM, Measure.WARNED_AHEAD));
    assertThat(proactive(Measure.COMPONENT_TOP1)).isGreaterThan(0.9);
    assertThat(proactive(Measure.CAUSE_TOP1)).isGreaterThan(0.9);
    assertThat(proactive(Measure.ABSTENTION)).isGreaterThan(0.9);
    assertThat(proactive(Measure.PLAN_VALID)).isGreaterThan(0.9);
    assertThat(proactive(Measure.THROUGHPUT_KEPT)).isGreaterThan(0.95);
    assertThat(proactive(Measure.TIME_IN_BREACH_SECONDS))
        .isLessThan(0.6 * of(Strategy.NONE, Measure.TIME_IN_BREACH_SECONDS));
  }

  @Test
  void theOtherStrategiesAreWhatTheirNamesSay() {
    assertThat(of(Strategy.NONE, Measure.ACTIONS_PER_JOB_HOUR)).isZero();
    assertThat(of(Strategy.ORACLE, Measure.RECALL)).isEqualTo(1);
    assertThat(of(Strategy.ORACLE, Measure.ABSTENTION)).isEqualTo(1);
    assertThat(of(Strategy.ORACLE, Measure.LEAD_SECONDS))
        .isGreaterThan(proactive(Measure.LEAD_SECONDS));
    assertThat(of(Strategy.REACTIVE, Measure.LEAD_SECONDS)).isLessThan(1);
    assertThat(of(Strategy.RESTART, Measure.STEPS_LOST)).isPositive();
    assertThat(of(Strategy.RANDOM, Measure.PRECISION)).isLessThan(0.5);
    assertThat(of(Strategy.RANDOM, Measure.CAUSE_TOP1)).isLessThan(0.5);
  }

  @Test
  void aConstantForecasterCostsDetection() throws Exception {
    Scores worse = mutant(Mutant.CONSTANT_FORECASTER);
    for (Measure measure :
        List.of(Measure.PRECISION, Measure.RECALL, Measure.WARNED_AHEAD, Measure.ABSTENTION)) {
      assertThat(worse.median(measure).orElseThrow())
          .as(measure.label())
          .isLessThan(0.7 * proactive(measure));
    }
  }

  @Test
  void aShuffledRankerCostsDiagnosis() throws Exception {
    Scores worse = mutant(Mutant.SHUFFLED_RANKER);
    for (Measure measure : List.of(Measure.COMPONENT_TOP1, Measure.CAUSE_TOP1, Measure.AVG_AT_5)) {
      assertThat(worse.median(measure).orElseThrow())
          .as(measure.label())
          .isLessThan(0.6 * proactive(measure));
    }
  }

  @Test
  void badMovesCostMoreWhereNobodyVerifiesThem() throws Exception {
    Scores verified = mutant(Mutant.CARELESS);
    Scores unverified = mutant(Mutant.CARELESS_UNVERIFIED);
    assertThat(unverified.median(Measure.TIME_IN_BREACH_SECONDS).orElseThrow())
        .isGreaterThan(1.05 * verified.median(Measure.TIME_IN_BREACH_SECONDS).orElseThrow());
    assertThat(unverified.median(Measure.THROUGHPUT_KEPT).orElseThrow())
        .isLessThan(verified.median(Measure.THROUGHPUT_KEPT).orElseThrow());
  }

  @Test
  void theSameSeedGivesTheSameRuns() {
    ScenarioFile file = ScenarioFile.of(Suite.QUICK.scenarios(SEED).get(0));
    List<List<Run>> twice = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      twice.add(new ScenarioRunner(Stages.ofService()).run(file, EnumSet.allOf(Strategy.class)));
    }
    assertThat(twice.get(0)).isEqualTo(twice.get(1));
  }
}
