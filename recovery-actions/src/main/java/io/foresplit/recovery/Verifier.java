package io.foresplit.recovery;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.recovery.JobHistory.Interval;
import io.foresplit.recovery.JournalState.Action;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Judges whether a move helped, from step times measured after it and from what staying would give
 * under the conditions measured in the same intervals. Pure and thread-safe.
 */
final class Verifier {
  private final RecoveryConfig config;
  private final PlacementPlanner placements;

  Verifier(RecoveryConfig config, PlacementPlanner placements) {
    this.config = config;
    this.placements = placements;
  }

  /**
   * Judges at a tick.
   *
   * @param action a move in state VERIFYING
   * @param assumed conditions of links and nodes that were not measured
   */
  Judgement judge(
      Action action,
      IntervalTick tick,
      JobSpec job,
      JobHistory history,
      Conditions assumed,
      Mode mode) {
    RecoveryConfig.Verification rules = config.verification();
    List<Interval> after = history.after(action.since());
    List<Interval> window =
        after.stream()
            .skip(rules.warmUpIntervals())
            .filter(interval -> interval.epoch() == action.epoch() && interval.hasSteps())
            .limit(rules.measuredIntervals())
            .toList();
    OptionalDouble median = JobHistory.median(window, JobHistory.STEP_SECONDS);
    if (tick.epoch() > action.epoch()) {
      return new Judgement.Keep(
          median.orElse(action.plan().predictedAfterSeconds()),
          "epoch " + tick.epoch() + " came from elsewhere before it was verified");
    }
    if (window.size() < rules.measuredIntervals() && after.size() < rules.giveUpIntervals()) {
      return new Judgement.Wait();
    }
    if (median.isEmpty()) {
      return new Judgement.Keep(
          action.plan().predictedAfterSeconds(),
          "no step was measured in " + after.size() + " intervals");
    }
    return judge(
        action, tick, job, median.getAsDouble(), JobHistory.conditions(window, assumed), mode);
  }

  private Judgement judge(
      Action action, IntervalTick tick, JobSpec job, double measured, Conditions now, Mode mode) {
    RecoveryConfig.Verification rules = config.verification();
    MoveLayers move = (MoveLayers) action.plan().action();
    double stay = placements.predict(job, move.from(), now);
    double promised = action.plan().predictedAfterSeconds();
    OptionalDouble bound = Planner.stepBound(job);
    if (bound.isPresent() && measured <= bound.getAsDouble()) {
      return new Judgement.Helped(
          measured, text("%.0f ms a step, within %.0f ms", measured, bound.getAsDouble()));
    }
    if (measured <= stay * (1 - rules.minGain())) {
      return new Judgement.Helped(
          measured, text("%.0f ms a step, staying would give %.0f ms", measured, stay));
    }
    if (measured <= promised * (1 + rules.tolerance())) {
      return new Judgement.Helped(
          measured, text("%.0f ms a step, predicted were %.0f ms", measured, promised));
    }
    String detail = text("%.0f ms a step, going back would give %.0f ms", measured, stay);
    double gain = 1 - stay / measured;
    double pause = placements.moveSeconds(job, move.to(), move.from(), now);
    double horizon = config.planning().paybackHorizon().toMillis() / 1000.0;
    if (gain < rules.minGain() || pause > horizon * gain) {
      return new Judgement.Keep(measured, detail + ", not worth a move");
    }
    if (mode == Mode.OBSERVE) {
      return new Judgement.Keep(measured, detail + ", but the mode is OBSERVE");
    }
    return new Judgement.Undo(
        new RecoveryPlan(
            Planner.undoId(action.id()),
            action.plan().job(),
            action.plan().incident(),
            action.epoch(),
            tick.interval(),
            new MoveLayers(move.to(), move.from()),
            measured,
            stay,
            detail));
  }

  private static String text(String format, double first, double second) {
    return String.format(Locale.ROOT, format, first * 1000, second * 1000);
  }
}
