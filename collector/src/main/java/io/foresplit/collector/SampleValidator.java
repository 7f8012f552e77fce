package io.foresplit.collector;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.Rejection.Code;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.util.HashSet;
import java.util.Set;

/**
 * Whether a report can be true of a job: its node, components, interval, epoch, layers and values.
 * A report is used as a whole or not at all. Pure and thread-safe.
 */
public final class SampleValidator {
  /** How many intervals a node's clock may be ahead. */
  static final int MOST_AHEAD = 2;

  /** How many moves the collector's topology may be behind that of a node. */
  private static final int MOST_EPOCHS_AHEAD = 2;

  private static final Verdict ACCEPTED = new Verdict.Accepted();

  /**
   * Judges a report.
   *
   * @param current the interval that runs now, as far as is known
   */
  public Verdict judge(SegmentReport report, SplitTopology topology, long current) {
    JobSpec job = topology.job();
    if (job.node(report.node()).isEmpty()) {
      return new Verdict.Refused(
          Code.UNKNOWN_NODE,
          "node: expected one of job " + job.id() + ", was '" + report.node() + "'");
    }
    if (report.interval() > current + MOST_AHEAD) {
      return new Verdict.Refused(
          Code.FUTURE,
          "interval: expected at most "
              + (current + MOST_AHEAD)
              + ", was "
              + report.interval()
              + "; is the clock of node "
              + report.node()
              + " right?");
    }
    if (report.epoch() > topology.epoch() + MOST_EPOCHS_AHEAD) {
      return badValue("epoch: expected about " + topology.epoch() + ", was " + report.epoch());
    }
    int layers = job.layers().size();
    boolean relays = report.firstLayer() == -1 && report.lastLayer() == -1;
    if (!relays
        && !(0 <= report.firstLayer()
            && report.firstLayer() <= report.lastLayer()
            && report.lastLayer() < layers)) {
      return badValue(
          "layers: expected a run within 0 to "
              + (layers - 1)
              + ", or -1 to -1, was "
              + report.firstLayer()
              + " to "
              + report.lastLayer());
    }
    return samples(report, job);
  }

  private static Verdict samples(SegmentReport report, JobSpec job) {
    Set<SeriesKey> seen = new HashSet<>();
    for (MetricSample sample : report.samples()) {
      if (!isOf(job, sample.component())) {
        return new Verdict.Refused(
            Code.UNKNOWN_COMPONENT,
            "samples: expected 'job', a node or a link of job "
                + job.id()
                + ", was '"
                + sample.component()
                + "'");
      }
      if (!sample.metric().accepts(sample.value())) {
        return badValue(
            sample.series()
                + ": expected a value in "
                + sample.metric().range()
                + ", was "
                + sample.value());
      }
      if (!seen.add(sample.series())) {
        return badValue(sample.series() + ": expected one value, was given twice");
      }
    }
    return ACCEPTED;
  }

  private static boolean isOf(JobSpec job, ComponentId component) {
    if (component.isLink()) {
      return job.links().stream().map(LinkSpec::id).anyMatch(component::equals);
    }
    return component.equals(ComponentId.JOB) || job.node(component.from()).isPresent();
  }

  private static Verdict badValue(String reason) {
    return new Verdict.Refused(Code.BAD_VALUE, reason);
  }
}
