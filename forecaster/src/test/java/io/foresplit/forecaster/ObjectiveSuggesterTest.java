package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SegmentMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class ObjectiveSuggesterTest {
  private static final JobId JOB = new JobId("job");
  private static final NodeId NODE = new NodeId("device");
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Duration STAY = Duration.ofSeconds(15);

  private final ObjectiveSuggester suggester = new ObjectiveSuggester();
  private long interval;

  private void report(int intervals, Metric metric, DoubleSupplier value) {
    for (int i = 0; i < intervals; i++) {
      MetricSample sample = new MetricSample(ComponentId.JOB, metric, value.getAsDouble());
      suggester.on(new SegmentMetrics(JOB, NODE, 0, interval, 10, List.of(sample)));
      suggester.on(new IntervalTick(JOB, interval, 0, Instant.EPOCH, INTERVAL, List.of()));
      interval++;
    }
  }

  /** Logarithms of a first-order process, as step times are: 200 ms, a tenth of noise. */
  private static DoubleSupplier stepSeconds(long seed) {
    Random random = new Random(seed);
    double[] state = {0};
    return () -> {
      state[0] = 0.6 * state[0] + 0.08 * random.nextGaussian();
      return 0.2 * Math.exp(state[0]);
    };
  }

  @Test
  void aBoundIsHardlyEverStayedAboveAndYetNear() {
    int breaches = 0;
    double hours = 0;
    for (int seed = 0; seed < 20; seed++) {
      ObjectiveSuggesterTest job = new ObjectiveSuggesterTest();
      job.report(720, Metric.STEP_SECONDS, stepSeconds(seed));
      double bound = job.suggester.suggest(STAY, Duration.ofHours(20)).get(0).bound();
      assertThat(bound).isBetween(0.2, 0.35);
      DoubleSupplier later = stepSeconds(1_000 + seed);
      int run = 0;
      for (int i = 0; i < 720 * 50; i++) {
        run = later.getAsDouble() > bound ? run + 1 : 0;
        breaches += run == 3 ? 1 : 0;
      }
      hours += 50;
    }
    // one in 20 hours was asked for; a normal tail is lighter than the one assumed
    assertThat(breaches / hours).isLessThan(1 / 20.0);
  }

  @Test
  void whatWasReportedDuringAnIncidentDoesNotCount() {
    report(300, Metric.STEP_SECONDS, stepSeconds(3));
    double healthy = suggester.suggest(STAY, Duration.ofHours(100)).get(0).bound();
    suggester.on(Incidents.open("a", interval - 2, interval));
    report(60, Metric.STEP_SECONDS, () -> 2.0);
    suggester.on(Incidents.resolved("a", interval - 62, interval - 60, interval));
    report(50, Metric.STEP_SECONDS, stepSeconds(4));
    assertThat(suggester.suggest(STAY, Duration.ofHours(100)).get(0).bound())
        .isBetween(healthy * 0.8, healthy * 1.3);
    assertThat(suggester.values(Metric.STEP_SECONDS)).isBetween(340, 350);
  }

  @Test
  void aFallingLossIsBoundedByItsLaterHalf() {
    double[] step = {1};
    report(400, Metric.LOSS, () -> 3 / Math.sqrt(step[0]++));
    ObjectiveSuggestion loss = suggester.suggest(STAY, Duration.ofHours(100)).get(0);
    assertThat(loss.metric()).isEqualTo(Metric.LOSS);
    assertThat(loss.bound()).isBetween(3 / Math.sqrt(200), 0.5);
  }

  @Test
  void fewValuesGiveNoBoundAndAConstantOneAMargin() {
    report(ObjectiveSuggester.LEAST_VALUES - 1, Metric.STEP_SECONDS, () -> 0.5);
    assertThat(suggester.suggest(STAY, Duration.ofHours(100))).isEmpty();
    report(1, Metric.STEP_SECONDS, () -> 0.5);
    assertThat(suggester.suggest(STAY, Duration.ofHours(100)).get(0).bound()).isBetween(0.5, 0.54);
  }
}
