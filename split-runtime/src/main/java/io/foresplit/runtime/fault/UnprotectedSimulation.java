package io.foresplit.runtime.fault;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.plan.CutPlanner;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What a job's step time would be if nobody acted: the step time model in virtual time, under the
 * true fault and the true traces. Pure and thread-safe; times are seconds since the start of the
 * job.
 */
public final class UnprotectedSimulation {
  private static final PlacementPlanner MODEL = new CutPlanner();

  private final JobSpec job;
  private final Placement placement;
  private final FaultSchedule faults;
  private final Map<ComponentId, RateTrace> traces;
  private final double overheadSeconds;

  /**
   * @param placement kept to the end
   * @param traces healthy rates; a link without one has its nominal rate
   * @param overheadSeconds what a step takes beyond the model, as measured while healthy; may be
   *     negative
   */
  public UnprotectedSimulation(
      JobSpec job,
      Placement placement,
      FaultSchedule faults,
      Map<ComponentId, RateTrace> traces,
      double overheadSeconds) {
    if (!Double.isFinite(overheadSeconds)) {
      throw new IllegalArgumentException("overheadSeconds must be finite, was " + overheadSeconds);
    }
    this.job = job;
    this.placement = placement;
    this.faults = faults;
    this.traces = Map.copyOf(traces);
    this.overheadSeconds = overheadSeconds;
  }

  /**
   * Least step time any placement can give once the fault has its full size, links at nominal
   * rates.
   *
   * @param overheadSeconds what a step takes beyond the model
   */
  public static double attainableStepSeconds(
      JobSpec job, FaultSchedule faults, double overheadSeconds) {
    Conditions last = faults.finalConditions(job);
    return MODEL.predict(job, MODEL.best(job, last), last) + overheadSeconds;
  }

  /** Seconds of the step that starts at a moment. */
  public double stepSeconds(double t) {
    Conditions faulty = faults.conditionsAt(job, t);
    Map<ComponentId, LinkCondition> links = new TreeMap<>(faulty.links());
    traces.forEach(
        (link, trace) ->
            links.computeIfPresent(
                link,
                (id, condition) ->
                    new LinkCondition(
                        trace.bytesPerSecond(t) * faults.linkRateFactor(id, t),
                        condition.delaySeconds())));
    Conditions now = new Conditions(links, faulty.slowdowns());
    return Math.max(1e-6, MODEL.predict(job, placement, now) + overheadSeconds);
  }

  /**
   * When the job would breach a step-time objective. The metric is as it is measured: the mean over
   * the steps that end in a report interval, or the one before when none does. The breach is the
   * end of the first interval above the bound of a run of such intervals that lasts for the
   * objective's duration, once the objective has armed.
   *
   * @param lengthSeconds where the simulation ends
   * @return seconds since the start of the job; empty when it is not breached by then
   */
  public OptionalDouble breachSeconds(Objective objective, double lengthSeconds) {
    if (objective.metric() != Metric.STEP_SECONDS) {
      throw new IllegalArgumentException(
          "only an objective on " + Metric.STEP_SECONDS + " is simulated, was " + objective);
    }
    Sustained within = new Sustained(objective.duration());
    Sustained above = new Sustained(objective.duration());
    boolean armed = false;
    double interval = job.interval().toNanos() / 1e9;
    double t = 0;
    double pending = stepSeconds(0);
    double mean = pending;
    for (int k = 1; k * interval <= lengthSeconds; k++) {
      double end = k * interval;
      double sum = 0;
      int steps = 0;
      while (t + pending <= end) {
        t += pending;
        sum += pending;
        steps++;
        pending = stepSeconds(t);
      }
      mean = steps == 0 ? mean : sum / steps;
      armed |= within.observe(mean <= objective.bound(), end);
      if (above.observe(armed && mean > objective.bound(), end)) {
        return OptionalDouble.of(above.since);
      }
    }
    return OptionalDouble.empty();
  }

  /** Whether something has held for a duration. Not thread-safe. */
  private static final class Sustained {
    private static final double TOLERANCE_SECONDS = 1e-9;
    private final double seconds;
    private double since = Double.NaN;

    Sustained(Duration duration) {
      this.seconds = duration.toNanos() / 1e9;
    }

    boolean observe(boolean holds, double t) {
      if (!holds) {
        since = Double.NaN;
      } else if (Double.isNaN(since)) {
        since = t;
      }
      return holds && t - since >= seconds - TOLERANCE_SECONDS;
    }
  }
}
