package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricRingTest {
  private static final JobId JOB = new JobId("demo");
  private static final SeriesKey LOSS = new SeriesKey(ComponentId.JOB, Metric.LOSS);
  private final MetricRing ring = new MetricRing(4);

  @Test
  void gapsAreNaNAndOldIntervalsAreForgotten() {
    loss(10, 1);
    loss(11, 2);
    loss(13, 4);
    assertThat(values(13, 5)).containsExactly(Double.NaN, 1, 2, Double.NaN, 4);
    loss(15, 6);
    assertThat(values(15, 5)).containsExactly(Double.NaN, Double.NaN, 4, Double.NaN, 6);
    loss(1_000_000, 7);
    assertThat(values(1_000_000, 4)).containsExactly(Double.NaN, Double.NaN, Double.NaN, 7);
  }

  @Test
  void aLateValueTakesItsPlaceAndAVeryLateOneNone() {
    loss(10, 1);
    loss(9, 5);
    loss(6, 8);
    assertThat(values(10, 3)).containsExactly(Double.NaN, 5, 1);
  }

  @Test
  void theEpochOfAnIntervalIsThatOfItsTick() {
    tick(7, 0);
    tick(8, 0);
    tick(9, 1);
    tick(10, 1);
    assertThat(ring.window(JOB, LOSS, 8, 1).epoch()).isZero();
    assertThat(ring.epochStart(JOB, 10)).isEqualTo(9);
    assertThat(ring.epoch(JOB, 6)).isEqualTo(-1);
  }

  @Test
  void aJobCannotFillTheMemory() {
    List<MetricSample> samples =
        IntStream.range(0, 2 * MetricRing.MOST_SERIES)
            .mapToObj(i -> new MetricSample(new ComponentId("n" + i), Metric.SLOWDOWN, 1))
            .toList();
    ring.on(new SegmentMetrics(JOB, new NodeId("device"), 0, 5, 1, samples));
    assertThat(ring.series(JOB)).hasSize(MetricRing.MOST_SERIES);
    ring.forget(JOB);
    assertThat(ring.series(JOB)).isEmpty();
  }

  private double[] values(long last, int length) {
    return ring.window(JOB, LOSS, last, length).values();
  }

  private void loss(long interval, double value) {
    MetricSample sample = new MetricSample(ComponentId.JOB, Metric.LOSS, value);
    ring.on(new SegmentMetrics(JOB, new NodeId("device"), 0, interval, 1, List.of(sample)));
  }

  private void tick(long interval, long epoch) {
    ring.on(new IntervalTick(JOB, interval, epoch, World.end(interval), World.INTERVAL, List.of()));
  }
}
