package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WindowAssemblerTest {
  private static final ComponentId UPLINK = ComponentId.link(Fixtures.DEVICE, Fixtures.EDGE);
  private static final SeriesKey RATE = new SeriesKey(UPLINK, Metric.LINK_RATE);
  private static final SeriesKey STEP = new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS);

  private final WindowAssembler windows = new WindowAssembler(64);

  @BeforeEach
  void announce() {
    windows.onTopology(Fixtures.lenetJob(), 0);
  }

  @Test
  void a_missing_interval_is_a_gap() {
    interval(10, 0, 100);
    interval(11, 0, Double.NaN);
    interval(14, 0, 400);
    assertThat(windows.values(RATE)).containsExactly(100, Double.NaN, Double.NaN, Double.NaN, 400);
    assertThat(windows.window(RATE).last()).isEqualTo(14);
    assertThat(windows.window(RATE).present()).isEqualTo(2);
  }

  @Test
  void a_new_epoch_restarts_what_depends_on_the_cut_and_nothing_else() {
    interval(10, 0, 100);
    interval(11, 0, 200);
    windows.onTopology(Fixtures.lenetJob(), 1);
    interval(12, 1, 300); // the interval of the move: steps of both cuts
    interval(13, 1, 400);
    assertThat(windows.values(RATE)).containsExactly(100, 200, 300, 400);
    assertThat(windows.values(STEP)).containsExactly(Double.NaN, 4);
    assertThat(windows.window(STEP).epoch()).isEqualTo(1);
  }

  @Test
  void metrics_of_a_closed_interval_or_an_old_cut_are_left_out() {
    interval(10, 0, 100);
    windows.add(metrics(10, 0, 999));
    windows.onTopology(Fixtures.lenetJob(), 1);
    interval(11, 1, 200);
    interval(12, 0, 300);
    assertThat(windows.values(RATE)).containsExactly(100, 200, 300);
    assertThat(windows.values(STEP)).containsExactly(Double.NaN, Double.NaN);
  }

  @Test
  void a_window_is_bounded() {
    for (int i = 0; i < 200; i++) {
      interval(i, 0, i + 1);
    }
    assertThat(windows.values(RATE)).hasSize(64).endsWith(200).startsWith(137);
  }

  private void interval(long interval, long epoch, double value) {
    if (!Double.isNaN(value)) {
      windows.add(metrics(interval, epoch, value));
    }
    windows.close(
        new IntervalTick(
            Fixtures.JOB, interval, epoch, Instant.EPOCH, Duration.ofMillis(500), List.of()));
  }

  private static SegmentMetrics metrics(long interval, long epoch, double value) {
    return new SegmentMetrics(
        Fixtures.JOB,
        Fixtures.DEVICE,
        epoch,
        interval,
        1,
        List.of(
            new MetricSample(UPLINK, Metric.LINK_RATE, value),
            new MetricSample(ComponentId.JOB, Metric.STEP_SECONDS, value / 100),
            new MetricSample(new ComponentId("device"), Metric.HEAP_BYTES, value)));
  }
}
