package io.foresplit.app.bench.runtime;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.runtime.link.RateTrace;
import java.util.Map;
import java.util.TreeMap;

/** The links of a job, both ways of which fade together as a trace says. Immutable. */
record FadingLink(JobSpec job, FadingTrace trace) {
  /** What a measurement looks back on. */
  static final double MEASURED_SECONDS = 0.75;

  private static final double TRACE_SECONDS = 900;

  /** With a trace drawn from a seed. */
  static FadingLink drawn(JobSpec job, long seed) {
    return new FadingLink(job, FadingTrace.drawn(seed, TRACE_SECONDS));
  }

  /**
   * Conditions while links give a part of their declared rate.
   *
   * @param factor over the clear link
   */
  static Conditions faded(JobSpec job, double factor) {
    Conditions conditions = job.declaredConditions();
    for (LinkSpec link : job.links()) {
      conditions =
          conditions.withLink(
              link.id(), new LinkCondition(link.bytesPerSecond() * factor, link.delaySeconds()));
    }
    return conditions;
  }

  /** Conditions as the senders of the links have just measured them: their past alone. */
  Conditions measured(double secondsSinceStart) {
    return faded(job, trace.measured(secondsSinceStart, MEASURED_SECONDS));
  }

  /** For a simulation. */
  Map<ComponentId, RateTrace> traces() {
    Map<ComponentId, RateTrace> traces = new TreeMap<>();
    for (LinkSpec link : job.links()) {
      traces.put(link.id(), seconds -> link.bytesPerSecond() * trace.factor(seconds));
    }
    return traces;
  }

  /** For nodes, by the names that the job file has for them. */
  Map<String, String> files() {
    return Map.of(
        "up.csv", trace.csv(job.links().get(0).bytesPerSecond()),
        "down.csv", trace.csv(job.links().get(1).bytesPerSecond()));
  }
}
