package io.foresplit.contract;

/**
 * A record of the topic {@code segment-metrics}: the one ordered log of a job that every stage
 * decides from. Order within a job: topology changes, then metrics of an interval, then its tick. A
 * {@link ForecastPace} may stand anywhere.
 */
public sealed interface JobRecord
    permits SegmentMetrics, IntervalTick, SplitTopology, ForecastPace {
  JobId jobId();
}
