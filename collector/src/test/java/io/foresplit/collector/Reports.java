package io.foresplit.collector;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SegmentReport;
import java.time.Instant;
import java.util.List;

/** Reports of the job of {@link Fixtures}, whose intervals are 500 ms long. */
public final class Reports {
  public static final long LENGTH = 500;

  /** The interval that tests begin with. */
  public static final long FIRST = 3_534_451_200L;

  public static final List<NodeId> NODES = List.of(Fixtures.DEVICE, Fixtures.EDGE, Fixtures.CLOUD);

  private Reports() {}

  public static long startOf(long interval) {
    return interval * LENGTH;
  }

  /** When the node of a test sends its report. */
  public static long sentAt(long interval) {
    return startOf(interval + 1) + 10;
  }

  public static SegmentReport report(NodeId node, long interval) {
    return report(node, interval, interval - FIRST + 1, sample(node, 1.5));
  }

  public static SegmentReport report(
      NodeId node, long interval, long sequence, MetricSample... samples) {
    return new SegmentReport(
        Fixtures.JOB,
        node,
        -1,
        -1,
        0,
        interval,
        sequence,
        Instant.ofEpochMilli(sentAt(interval)),
        10,
        List.of(samples));
  }

  public static MetricSample sample(NodeId node, double cores) {
    return new MetricSample(ComponentId.of(node), Metric.CPU_SHARE, cores);
  }
}
