package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import io.foresplit.forecaster.SimulatedJob.Fault;
import io.foresplit.forecaster.model.Forecasters;
import io.foresplit.forecaster.model.ModelFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What telemetry no node should send does to the service, the model among its forecasters. */
class HostileTelemetryTest {
  private static final int SETTLED = 200;
  private static final ComponentId LINK = ComponentId.link(SimulatedJob.DEVICE, SimulatedJob.EDGE);
  private static Forecasters forecasters;

  private final ForecastStage stage =
      new ForecastStage(ForecasterConfig.defaults(), new ModelPlanner(), forecasters.all());
  private final SimulatedJob job = new SimulatedJob(Fault.NONE, 0, 3);
  private final JobState state = stage.newState();
  private final List<Incident> incidents = new ArrayList<>();
  private final List<Forecast> forecasts = new ArrayList<>();

  @BeforeAll
  static void load() throws ModelFileException {
    forecasters = Forecasters.of(null);
  }

  @AfterAll
  static void close() {
    forecasters.close();
  }

  private void settle() {
    put(job.topology());
    ticks(SETTLED, UnaryOperator.identity());
    assertThat(incidents).isEmpty();
    forecasts.clear();
  }

  private void ticks(int count, UnaryOperator<JobRecord> bent) {
    for (int i = 0; i < count; i++) {
      job.next().forEach(record -> put(bent.apply(record)));
    }
  }

  private void put(JobRecord record) {
    for (ForecastEvent event : stage.on(state, record)) {
      if (event instanceof ForecastEvent.IncidentChanged changed) {
        incidents.add(changed.incident());
      } else if (event instanceof ForecastEvent.ForecastMade made) {
        forecasts.add(made.forecast());
      }
    }
  }

  private void assertFinite() {
    assertThat(forecasts).isNotEmpty();
    for (Forecast forecast : forecasts) {
      assertThat(forecast.quantiles())
          .as(forecast.series().toString())
          .allSatisfy(row -> assertThat(row).allMatch(Double::isFinite));
    }
    for (Incident incident : incidents) {
      for (SeriesKey series : ConditionSeries.of(job.job())) {
        assertThat(incident.now().of(series)).isFinite().isPositive();
        assertThat(incident.expected().of(series)).isFinite().isPositive();
      }
    }
  }

  private static UnaryOperator<JobRecord> times(
      ComponentId component, Metric metric, double factor) {
    return samples(
        sample ->
            sample.component().equals(component) && sample.metric() == metric
                ? new MetricSample(sample.component(), metric, sample.value() * factor)
                : sample);
  }

  private static UnaryOperator<JobRecord> samples(UnaryOperator<MetricSample> bent) {
    return record ->
        record instanceof SegmentMetrics m
            ? new SegmentMetrics(
                m.jobId(),
                m.node(),
                m.epoch(),
                m.interval(),
                m.steps(),
                m.samples().stream().map(bent).toList())
            : record;
  }

  private static JobRecord withoutSamples(JobRecord record) {
    return record instanceof SegmentMetrics m
        ? new SegmentMetrics(m.jobId(), m.node(), m.epoch(), m.interval(), m.steps(), List.of())
        : record;
  }

  private static UnaryOperator<JobRecord> shifted(long intervals) {
    return record ->
        record instanceof SegmentMetrics m
            ? new SegmentMetrics(
                m.jobId(), m.node(), m.epoch(), m.interval() + intervals, m.steps(), m.samples())
            : record instanceof IntervalTick t
                ? new IntervalTick(
                    t.jobId(),
                    t.interval() + intervals,
                    t.epoch(),
                    t.end().plus(t.length().multipliedBy(intervals)),
                    t.length(),
                    t.silent())
                : record;
  }

  @Test
  void aStepTimeOfTenThousandTimesIsOneIncident() {
    settle();
    ticks(60, times(ComponentId.JOB, Metric.STEP_SECONDS, 1e4));
    assertThat(incidents).isNotEmpty().extracting(Incident::id).containsOnly(incidents.get(0).id());
    assertThat(incidents.get(0).interval()).isLessThan(SimulatedJob.FIRST + SETTLED + 8);
    assertFinite();
  }

  @Test
  void aRateOfATenThousandthThatStepsDoNotFeelIsNoIncident() {
    settle();
    ticks(300, times(LINK, Metric.LINK_RATE, 1e-4));
    assertThat(incidents).isEmpty();
    assertFinite();
  }

  @Test
  void aRateOfTenThousandTimesIsNoIncident() {
    settle();
    ticks(300, times(LINK, Metric.LINK_RATE, 1e4));
    assertThat(incidents).isEmpty();
    assertFinite();
  }

  @Test
  void nodesThatReportNoValuesAreNotForecastAfterAWhileAndRaiseNoAlarm() {
    settle();
    ticks(120, HostileTelemetryTest::withoutSamples);
    assertThat(incidents).isEmpty();
    ticks(100, UnaryOperator.identity());
    assertThat(incidents).isEmpty();
    assertFinite();
  }

  @Test
  void aClockThatJumpsAheadLeavesAGapAndOneThatJumpsBackIsNotBelieved() {
    settle();
    ticks(100, shifted(100_000));
    assertThat(incidents).isEmpty();
    assertFinite();

    int before = forecasts.size();
    ticks(50, UnaryOperator.identity());
    assertThat(forecasts).hasSize(before);
    ticks(50, shifted(100_000));
    assertThat(forecasts.size()).isGreaterThan(before);
    assertThat(incidents).isEmpty();
    assertFinite();
  }

  /** A counter that begins anew shows as one wild value of whatever is measured by it. */
  @Test
  void oneWildValueNowAndThenIsNoIncident() {
    settle();
    for (int i = 0; i < 10; i++) {
      ticks(1, times(LINK, Metric.LINK_RATE, i % 2 == 0 ? 1e-9 : 1e9));
      ticks(19, UnaryOperator.identity());
    }
    assertThat(incidents).isEmpty();
    assertFinite();
  }
}
