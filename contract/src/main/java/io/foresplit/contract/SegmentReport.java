package io.foresplit.contract;

import java.time.Instant;
import java.util.List;

/**
 * What one node says of one report interval: aggregates of its segment and of the links it sends
 * on, never a value of a single sample of the data set.
 *
 * @param firstLayer index of the first layer the node holds, or -1 when it only relays
 * @param lastLayer index of the last layer it holds, or -1
 * @param epoch topology epoch at the end of the interval
 * @param interval number of the interval: wall time divided by the job's interval length
 * @param sequence grows by one with each report of the node's process life
 * @param steps training steps the segment committed since training began
 */
public record SegmentReport(
    JobId job,
    NodeId node,
    int firstLayer,
    int lastLayer,
    long epoch,
    long interval,
    long sequence,
    Instant reportedAt,
    long steps,
    List<MetricSample> samples) {
  public SegmentReport {
    samples = List.copyOf(samples);
  }
}
