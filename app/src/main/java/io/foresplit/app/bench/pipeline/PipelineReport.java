package io.foresplit.app.bench.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench pipeline} found, as its JSON has it.
 *
 * @param seconds how long each offered load lasted
 * @param intervalSeconds of the jobs at the offered load
 * @param samplesPerReport metrics in one report, mean
 * @param recovery how recovery took part
 */
record PipelineReport(
    int processors,
    long heapLimitBytes,
    double seconds,
    double intervalSeconds,
    int nodesPerJob,
    double samplesPerReport,
    String recovery,
    List<Size> sizes) {

  /**
   * One number of segments.
   *
   * @param problem what stopped it; null when nothing did
   * @param offeredBehind records of the job log that each stage had not committed when the offered
   *     load ended, as a share of those written since it began
   * @param behind the same of the most that was offered
   */
  record Size(
      int segments,
      int jobs,
      @Nullable String problem,
      @Nullable Flow product,
      @Nullable Flow passThrough,
      @Nullable Peak productPeak,
      @Nullable Peak passThroughPeak,
      @Nullable Behind offeredBehind,
      @Nullable Behind behind,
      @Nullable Ratios ratios,
      @Nullable Double bytesPerSegment) {}

  /**
   * An offered load.
   *
   * @param metricsPerSecond read while it lasted
   * @param sustained share of the reports that had come out when the load ended, or 1 s later
   * @param lost reports that had not come out some seconds later either
   * @param latency from publishing to reading; for the product, to reading the tick
   * @param judged from publishing to the forecaster's judgement
   */
  record Flow(
      int reports,
      double offeredReportsPerSecond,
      double metricsPerSecond,
      double sustained,
      int lost,
      long rejected,
      @Nullable Latency latency,
      @Nullable Latency judged) {}

  /**
   * As much as it took, when more was offered.
   *
   * @param isOfferedAll whether all that was offered came out, so that the limit is higher
   */
  record Peak(
      double offeredReportsPerSecond,
      double reportsPerSecond,
      double metricsPerSecond,
      boolean isOfferedAll) {}

  /**
   * Shares, 0 when a stage has read all.
   *
   * @param recovery at least: it may have read 499 records more than it has committed
   */
  record Behind(double forecaster, double diagnoser, double recovery) {
    /** Of the stage that is furthest behind. */
    double most() {
      return Math.max(forecaster, Math.max(diagnoser, recovery));
    }
  }

  /**
   * Product over pass-through.
   *
   * @param collected metrics a second out of the collector; below 1 when it takes fewer
   * @param allStages of these, what the stage that is furthest behind has read
   */
  record Ratios(double medianLatency, double p99Latency, double collected, double allStages) {}
}
