package io.foresplit.runtime.sim;

import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.State;
import java.util.Optional;

/**
 * Checkpoint and restart in virtual time: training stops at once, stands still, and goes on from
 * the last checkpoint with another placement. Not thread-safe.
 */
final class SimulatedRestart implements SimulatedAction {
  private final Placement from;
  private final Placement target;
  private final double downSeconds;
  private final int everySteps;
  private final SimulatedTraining training;
  private final Agenda agenda;
  private final SimulatedActions.Course course;
  private final Optional<SimulatedRecoveries> recoveries;
  private final double begun;

  SimulatedRestart(
      Placement from,
      Placement target,
      double downSeconds,
      int everySteps,
      SimulatedTraining training,
      Agenda agenda,
      SimulatedActions.Course course,
      Optional<SimulatedRecoveries> recoveries) {
    if (!(downSeconds >= 0 && downSeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "downSeconds must be finite and at least 0, was " + downSeconds);
    }
    if (everySteps < 1) {
      throw new IllegalArgumentException(
          "checkpointEverySteps must be at least 1, was " + everySteps);
    }
    this.from = from;
    this.target = target;
    this.downSeconds = downSeconds;
    this.everySteps = everySteps;
    this.training = training;
    this.agenda = agenda;
    this.course = course;
    this.recoveries = recoveries;
    begun = agenda.now();
  }

  @Override
  public void start() {
    recoveries.ifPresent(SimulatedRecoveries::stopped);
    training.stop();
    agenda.at(begun + downSeconds, this::goOn);
  }

  @Override
  public boolean overtake() {
    return false;
  }

  private void goOn() {
    course.commit(target, 0);
    long lost = training.goBack(everySteps);
    training.assign(target, training.epoch() + 1);
    long pause = training.resume();
    course.over(
        State.COMMITTED,
        pause,
        0,
        from.describe()
            + " -> "
            + target.describe()
            + " from the checkpoint of step "
            + training.steps()
            + ", "
            + lost
            + " steps are done again",
        Math.round((agenda.now() - begun) * 1e3));
    recoveries.ifPresent(SimulatedRecoveries::restarted);
  }
}
