package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.Severity;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BreachPredictorTest {
  private static final Objective BOUND =
      new Objective(
          new ObjectiveId("step-time"),
          Metric.STEP_SECONDS,
          10,
          Duration.ofSeconds(1),
          Severity.CRITICAL);
  private static final int DURATION = 2;

  /** Deciles of a uniform distribution of width 2 around each median, made at interval 100. */
  private static Forecast around(double... medians) {
    List<List<Double>> rows =
        Quantiles.LEVELS.stream()
            .map(
                level ->
                    IntStream.range(0, medians.length)
                        .mapToObj(h -> medians[h] + 2 * (level - 0.5))
                        .toList())
            .toList();
    return new Forecast(
        new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS),
        100,
        0,
        Quantiles.LEVELS,
        rows,
        "test/1");
  }

  private static BreachRisk risk(Forecast forecast, int aboveRun, double least) {
    return BreachPredictor.risk(BOUND, forecast, aboveRun, DURATION, 9, least);
  }

  @Test
  void aForecastThatRisesSaysTheEarliestTheExpectedAndTheLatestCrossing() {
    BreachRisk risk = risk(around(8.5, 9.3, 9.7, 10.1, 10.5, 10.9, 11.2), 0, 0);
    assertThat(risk.earliestInterval()).isEqualTo(102);
    assertThat(risk.expectedInterval()).isEqualTo(104);
    assertThat(risk.latestInterval()).isEqualTo(106);
    assertThat(risk.probability()).isCloseTo(0.92, within(0.01));
    assertThat(risk.breached()).isFalse();
  }

  @Test
  void whatIsNotWithinTheHorizonIsNotSaid() {
    BreachRisk risk = risk(around(8.5, 9.3, 9.7), 0, 0);
    assertThat(risk.earliestInterval()).isEqualTo(102);
    assertThat(risk.expectedInterval()).isEqualTo(-1);
    assertThat(risk.latestInterval()).isEqualTo(-1);
  }

  @Test
  void aStayAboveTheBoundIsAsLikelyAsItsLeastLikelyInterval() {
    assertThat(risk(around(10.5, 9.5, 10.5, 9.5), 0, 0).probability())
        .isCloseTo(0.25, within(1e-9));
    assertThat(risk(around(9.5, 10.5, 10.3, 9.5), 0, 0).probability())
        .isCloseTo(0.65, within(1e-9));
  }

  @Test
  void anIntervalAboveTheBoundAlreadyNeedsFewerMore() {
    BreachRisk risk = risk(around(10.5, 9.5, 9.5, 9.5), 1, 0);
    assertThat(risk.probability()).isCloseTo(0.75, within(1e-9));
    assertThat(risk.earliestInterval()).isEqualTo(100);
    assertThat(risk.latestInterval()).isEqualTo(100);
    assertThat(risk(around(9, 9, 9, 9), 2, 0).breached()).isTrue();
    assertThat(risk(around(9, 9, 9, 9), 2, 0).probability()).isEqualTo(1);
  }

  @Test
  void otherEvidenceIsALowerBound() {
    assertThat(risk(around(9.5, 9.5), 0, 0.7).probability()).isEqualTo(0.7);
    assertThat(risk(around(10.9, 10.9), 0, 0.7).probability()).isGreaterThan(0.9);
  }
}
