package io.foresplit.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Rejection.Code;
import io.foresplit.contract.SegmentReport;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleValidatorTest {
  private static final long NOW = Reports.FIRST;

  private final SampleValidator validator = new SampleValidator();

  @Test
  void acceptsWhatTheTopologyKnows() {
    assertThat(
            judge(
                Reports.report(
                    Fixtures.EDGE,
                    NOW + 2,
                    1,
                    Reports.sample(Fixtures.EDGE, 1),
                    new MetricSample(
                        ComponentId.link(Fixtures.EDGE, Fixtures.CLOUD), Metric.LINK_RATE, 1e6),
                    new MetricSample(ComponentId.JOB, Metric.LOSS, 0.5))))
        .isEqualTo(new Verdict.Accepted());
  }

  @Test
  void refusesWhatCannotBeTrueAndSaysWhy() {
    assertRefused(
        Reports.report(new NodeId("moon"), NOW),
        Code.UNKNOWN_NODE,
        "node: expected one of job demo, was 'moon'");
    assertRefused(
        Reports.report(Fixtures.EDGE, NOW + 3),
        Code.FUTURE,
        "expected at most " + (NOW + 2) + ", was " + (NOW + 3));
    assertRefused(
        sampled("device->cloud", Metric.LINK_RATE, 1),
        Code.UNKNOWN_COMPONENT,
        "was 'device->cloud'");
    assertRefused(sampled("moon", Metric.CPU_SHARE, 1), Code.UNKNOWN_COMPONENT, "was 'moon'");
    assertRefused(
        sampled("edge", Metric.CPU_SHARE, Double.NaN),
        Code.BAD_VALUE,
        "edge/CPU_SHARE: expected a value in [0.0, 4096.0] cores, was NaN");
    assertRefused(sampled("edge", Metric.CPU_SHARE, 5000), Code.BAD_VALUE, "was 5000.0");
    assertRefused(sampled("edge", Metric.HEAP_BYTES, -1), Code.BAD_VALUE, "was -1.0");
    assertRefused(
        Reports.report(
            Fixtures.EDGE,
            NOW,
            1,
            Reports.sample(Fixtures.EDGE, 1),
            Reports.sample(Fixtures.EDGE, 2)),
        Code.BAD_VALUE,
        "edge/CPU_SHARE: expected one value");
    assertRefused(located(0, 7, 0), Code.BAD_VALUE, "layers: expected a run within 0 to 6");
    assertRefused(located(3, 2, 0), Code.BAD_VALUE, "was 3 to 2");
    assertRefused(located(-1, 2, 0), Code.BAD_VALUE, "was -1 to 2");
    assertRefused(located(0, 1, 3), Code.BAD_VALUE, "epoch: expected about 0, was 3");
  }

  private static SegmentReport sampled(String component, Metric metric, double value) {
    return Reports.report(
        Fixtures.EDGE, NOW, 1, new MetricSample(new ComponentId(component), metric, value));
  }

  private static SegmentReport located(int first, int last, long epoch) {
    return new SegmentReport(
        Fixtures.JOB, Fixtures.EDGE, first, last, epoch, NOW, 1, Instant.EPOCH, 1, List.of());
  }

  private Verdict judge(SegmentReport report) {
    return validator.judge(report, Fixtures.topology(), NOW);
  }

  private void assertRefused(SegmentReport report, Code code, String reason) {
    assertThat(judge(report))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(code);
              assertThat(refused.reason()).contains(reason);
            });
  }
}
