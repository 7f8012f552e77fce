package io.foresplit.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.bench.data.ChainModel;
import io.foresplit.bench.data.EttTask;
import io.foresplit.bench.data.NabCorpus;
import io.foresplit.bench.data.NabProfile;
import io.foresplit.bench.data.NabSeries;
import io.foresplit.bench.data.RootCauseCase;
import io.foresplit.bench.data.RootCauseCase.Series;
import io.foresplit.bench.data.RootCauseScore;
import io.foresplit.bench.peer.ForecastComparison.Errors;
import io.foresplit.bench.peer.HorizonForecaster.Course;
import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.SeriesForecaster;
import io.foresplit.runtime.plan.LayerBytes;
import io.foresplit.runtime.plan.ModelGraph;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.TierNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PeersTest {
  static List<AnomalyDetector> detectors() {
    return List.of(
        new ForesplitDetector(),
        new RandomCutForestDetector(1, 1),
        new RandomCutForestDetector(8, 1),
        new WindowedGaussianDetector());
  }

  /** Noise, with one value far off at row 500. */
  private static double[] spiked() {
    SplittableRandom random = new SplittableRandom(7);
    double[] values = new double[600];
    Arrays.setAll(values, i -> random.nextDouble() + (i == 500 ? 50 : 0));
    return values;
  }

  @ParameterizedTest
  @MethodSource("detectors")
  void aSpikeScoresHighestAndOnlyThePastTells(AnomalyDetector detector) {
    double[] values = spiked();

    double[] scores = detector.scores(values);

    assertThat(Arrays.stream(scores)).allMatch(s -> s >= 0 && s <= 1);
    assertThat(scores[500]).isEqualTo(Arrays.stream(scores, 100, 501).max().orElseThrow());
    assertThat(detector.scores(Arrays.copyOf(values, 300))).isEqualTo(Arrays.copyOf(scores, 300));
  }

  @Test
  void aDetectorThatFindsTheSpikeBeatsARandomOne() {
    NabSeries series = new NabSeries("s.csv", spiked(), List.of(new NabSeries.Window(490, 510)));
    NabProfile standard = new NabProfile("standard", 1, 1, 0.11);
    DetectionComparison comparison =
        new DetectionComparison(new NabCorpus(List.of(series), List.of(standard)), () -> 0);

    double found = comparison.of(new WindowedGaussianDetector()).score("standard").normalized();
    double random = comparison.of(new RandomDetector(1)).score("standard").normalized();

    assertThat(found).isGreaterThan(90).isGreaterThan(random);
  }

  private static RootCauseCase incident() {
    SplittableRandom random = new SplittableRandom(3);
    List<Series> series = new ArrayList<>();
    for (String component : List.of("a", "b", "c", "d")) {
      double[] values = new double[60];
      Arrays.setAll(values, i -> random.nextDouble() - (component.equals("c") && i >= 50 ? 20 : 0));
      values[10] = Double.NaN;
      series.add(new Series(component, "latency Average", values));
    }
    return new RootCauseCase(
        "one", "latency", series, 50, 60, "a", "latency Average", "c", List.of());
  }

  static List<RootCauseRanker> rankers() {
    return List.of(
        DeviationRanker.THREE_SIGMA, DeviationRanker.ROBUST, ForesplitRanker.CALLS_UNKNOWN);
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void theComponentThatFellIsRankedFirst(RootCauseRanker ranker) {
    RootCauseComparison comparison = new RootCauseComparison(List.of(incident()));

    RootCauseScore score = comparison.of(ranker, 0).getOrDefault("latency", none());

    assertThat(score.top1()).isEqualTo(1);
    assertThat(score.avgAt5()).isCloseTo(1, within(1e-12));
  }

  @Test
  void aRandomOrderHitsAsOftenAsChance() {
    RootCauseComparison comparison = new RootCauseComparison(List.of(incident()));

    RootCauseScore score = comparison.of(new RandomRanker(), 0).getOrDefault("latency", none());

    assertThat(score.top1()).isEqualTo(0.25);
    assertThat(score.top3()).isEqualTo(0.75);
  }

  private static RootCauseScore none() {
    return new RootCauseScore(-1, -1, -1, 0);
  }

  private static double[] forecast(SimpleForecaster forecaster, int values) {
    Course course = forecaster.start(48, 30);
    for (int i = 0; i < values; i++) {
      course.append(i);
    }
    Quantiles said = course.forecast();
    return IntStream.range(0, said.horizon()).mapToDouble(h -> said.quantile(0.5, h)).toArray();
  }

  @Test
  void simpleForecastersFollowTheirRules() {
    assertThat(forecast(SimpleForecaster.REPEAT_LAST, 100)).containsOnly(99);
    double[] seasonal = forecast(SimpleForecaster.SEASONAL_NAIVE, 100);
    assertThat(seasonal[0]).isEqualTo(76);
    assertThat(seasonal[23]).isEqualTo(99);
    assertThat(seasonal[24]).isEqualTo(76);
    assertThat(forecast(SimpleForecaster.DRIFT, 100)[29]).isCloseTo(129, within(1e-9));
    // 76 with weight 1, 52 with weight 0.8
    assertThat(forecast(SimpleForecaster.SEASONAL_MEAN, 100)[0])
        .isCloseTo((76 + 0.8 * 52) / 1.8, within(1e-9));
  }

  @Test
  void aSeasonIsForecastWithoutErrorByTheSeasonalRule() {
    double[] wave = new double[1000];
    Arrays.setAll(wave, i -> Math.sin(2 * Math.PI * (i % 24) / 24));
    ForecastComparison comparison =
        new ForecastComparison(
            new EttTask(List.of(wave), 800, 1000).series(), 512, EttTask.HORIZON, () -> 0);

    ForecastComparison.Outcome seasonal = comparison.of(SimpleForecaster.SEASONAL_NAIVE);
    ForecastComparison.Outcome last = comparison.of(SimpleForecaster.REPEAT_LAST);

    assertThat(seasonal.forecasts()).isEqualTo(105);
    assertThat(seasonal.mean(Errors::mse)).isZero();
    assertThat(last.mean(Errors::mse)).isGreaterThan(0.5);
    assertThat(seasonal.relative(last, Errors::wql)).isCloseTo(0.01, within(1e-12));
    assertThat(ForecastComparison.bestOn(seasonal, List.of(last, seasonal), Errors::mse)).isOne();
    assertThat(
            comparison
                .of(new ForesplitForecaster("foresplit", SeriesForecaster.baselines()))
                .mean(Errors::mse))
        .isLessThan(0.01);
    for (Forecaster forecaster : SeriesForecaster.baselines()) {
      assertThat(comparison.of(new AloneForecaster(forecaster)).mean(Errors::mae)).isLessThan(30);
    }
  }

  @Test
  void noPlannerIsBetterThanBruteForceOnAChain() {
    SplittableRandom random = new SplittableRandom(11);
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      long bytes = random.nextLong(1, 50_000_000);
      layers.add(
          new Layer(
              "l" + i,
              "",
              i == 0 ? List.of() : List.of(i - 1),
              random.nextDouble(),
              random.nextDouble(),
              new LayerBytes(bytes, bytes, 1000, 1000, bytes),
              i == 0,
              false));
    }
    ChainModel model = ChainModel.of(new ModelGraph("chain", layers));
    List<TierNetwork> networks = PlanningComparison.networks(30, 5);
    PlanningComparison comparison = new PlanningComparison(List.of(model), networks, () -> 0);

    assertThat(model.blocks().layers()).hasSize(8);
    assertThat(ChainCuts.of(model, 3)).hasSize(36); // where two cuts fall among 7 layers that move
    for (ForesplitPlanner planner : ForesplitPlanner.values()) {
      assertThat(comparison.of(planner).ratioWorst()).isCloseTo(1, within(1e-9));
    }
    PlanningComparison.Outcome hindsight = comparison.of(StaticSplit.bestInHindsight(networks));
    assertThat(hindsight.ratioWorst()).isGreaterThan(1);
    for (SplitPlanner planner :
        List.of(StaticSplit.EVEN_COMPUTE, StaticSplit.OWNER_ONLY, new RandomCut(1))) {
      PlanningComparison.Outcome outcome = comparison.of(planner);
      assertThat(outcome.ratioMedian()).isGreaterThanOrEqualTo(1 - 1e-9);
      assertThat(outcome.ratioWorst()).isGreaterThan(1.1);
    }
  }

  @Test
  void networksRepeat() {
    assertThat(PlanningComparison.networks(5, 5)).isEqualTo(PlanningComparison.networks(5, 5));
  }
}
