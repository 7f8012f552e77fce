package io.foresplit.contract;

import java.util.List;

/** Validated, deduplicated metrics of one node in one interval. */
public record SegmentMetrics(
    JobId jobId, NodeId node, long epoch, long interval, long steps, List<MetricSample> samples)
    implements JobRecord {
  public SegmentMetrics {
    samples = List.copyOf(samples);
  }
}
