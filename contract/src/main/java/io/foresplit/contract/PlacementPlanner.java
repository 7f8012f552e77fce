package io.foresplit.contract;

/** The port to planning and what-if. Pure and thread-safe. */
public interface PlacementPlanner {
  /** The placement with the least predicted step time that breaks no rule of the job. */
  Placement best(JobSpec job, Conditions conditions);

  /** Seconds of one training step with a placement under conditions. */
  double predict(JobSpec job, Placement placement, Conditions conditions);

  /** Seconds to move from one placement to another over the links of the conditions. */
  double moveSeconds(JobSpec job, Placement from, Placement to, Conditions conditions);
}
