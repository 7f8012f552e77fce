package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeMetricsTest {
  private static final ComponentId EDGE = new ComponentId("edge");
  private long now = 1;
  private final NodeMetrics metrics = new NodeMetrics(new NodeId("edge"), () -> now);

  @Test
  void anIntervalHasMeansAndNothingThatWasNotMeasured() {
    metrics.add(Metric.GRADIENT_NORM, 1);
    metrics.add(Metric.GRADIENT_NORM, 3);
    metrics.compute(0.3, 0.1);
    metrics.compute(0.3, 0.2);

    assertThat(metrics.drain())
        .containsExactlyInAnyOrder(
            new MetricSample(EDGE, Metric.GRADIENT_NORM, 2),
            new MetricSample(EDGE, Metric.SLOWDOWN, (0.3 + 0.3) / (0.1 + 0.2)));
    assertThat(metrics.drain()).isEmpty();
  }

  @Test
  void theStepRateIsFromStepToStepWhateverAnIntervalCuts() {
    metrics.step(0.3);
    assertThat(rate(metrics.drain())).isEmpty();
    now += 300_000_000;
    metrics.step(0.3);
    now += 300_000_000;
    metrics.step(0.3);
    assertThat(rate(metrics.drain())).containsExactly(2 / 0.6);
    assertThat(rate(metrics.drain())).isEmpty();
    now += 400_000_000;
    metrics.step(0.4);
    assertThat(rate(metrics.drain())).containsExactly(2.5);
  }

  private static List<Double> rate(List<MetricSample> samples) {
    return samples.stream()
        .filter(sample -> sample.metric() == Metric.STEPS_PER_SECOND)
        .map(MetricSample::value)
        .toList();
  }
}
