package io.foresplit.runtime.fault;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.link.RateTrace;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A fault, where the layers are when it strikes, and what the step time model says of it, without
 * per-step overhead.
 *
 * @param seed what the scenario was drawn from; also the seed of its links' usual variation
 * @param durationSeconds length of the run
 * @param healthySeconds a step before the fault
 * @param untouchedSeconds a step under the full fault when nothing is moved
 * @param bestSeconds a step under the full fault with the best placement
 */
public record DemoScenario(
    long seed,
    double durationSeconds,
    FaultSpec fault,
    Placement initial,
    double healthySeconds,
    double untouchedSeconds,
    double bestSeconds) {

  /** What is injected into the nodes. */
  public FaultSchedule schedule() {
    return FaultSchedule.of(fault);
  }

  /** The links as they vary when healthy: what the nodes are given. */
  public Map<ComponentId, RateTrace> traces(JobSpec job) {
    return GeneratedTrace.forLinks(job, seed);
  }

  /**
   * When the step-time objective would be breached if nobody acted, by {@link
   * UnprotectedSimulation} over these traces; empty when not within the run, or without such an
   * objective.
   *
   * @param overheadSeconds what a step takes beyond the model, as measured while healthy
   */
  public OptionalDouble unprotectedBreachSeconds(JobSpec job, double overheadSeconds) {
    Optional<Objective> objective =
        job.objectives().stream().filter(o -> o.metric() == Metric.STEP_SECONDS).findFirst();
    return objective.isEmpty()
        ? OptionalDouble.empty()
        : new UnprotectedSimulation(job, initial, schedule(), traces(job), overheadSeconds)
            .breachSeconds(objective.get(), durationSeconds);
  }

  /**
   * {@link UnprotectedSimulation#attainableStepSeconds} under this fault.
   *
   * @param overheadSeconds what a step takes beyond the model, as measured while healthy
   */
  public double attainableStepSeconds(JobSpec job, double overheadSeconds) {
    return UnprotectedSimulation.attainableStepSeconds(job, schedule(), overheadSeconds);
  }
}
