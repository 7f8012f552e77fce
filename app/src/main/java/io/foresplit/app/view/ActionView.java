package io.foresplit.app.view;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.JournalEntry.Intended;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryAction.NotifyOperator;
import io.foresplit.contract.RecoveryPlan;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A recovery action for people. Times are milliseconds since 1970.
 *
 * @param detail what is to be moved, or the message to the operator
 * @param result null until it is over
 * @param executedAt null until the runtime did it
 */
public record ActionView(
    String job,
    String id,
    String incident,
    String kind,
    String detail,
    String reason,
    RecoveryPlan.Proposer proposer,
    State state,
    long plannedAt,
    @Nullable Long executedAt,
    @Nullable Long closedAt,
    double predictedBefore,
    double predictedAfter,
    @Nullable Long pauseMillis,
    @Nullable Double stepSecondsBefore,
    @Nullable Double stepSecondsAfter,
    @Nullable String result,
    @Nullable String remark) {
  /** Where an action is in its life. */
  public enum State {
    INTENDED,
    EXECUTED,
    UNDOING,
    FAILED,
    CLOSED
  }

  static ActionView of(Intended intended) {
    return planned(intended.plan(), intended.at());
  }

  static ActionView planned(RecoveryPlan plan, Instant at) {
    return new ActionView(
        plan.job().value(),
        plan.actionId().value(),
        plan.incident().value(),
        plan.action().kind(),
        detail(plan.action()),
        plan.reason(),
        plan.proposer(),
        State.INTENDED,
        at.toEpochMilli(),
        null,
        null,
        plan.predictedBeforeSeconds(),
        plan.predictedAfterSeconds(),
        null,
        null,
        null,
        null,
        null);
  }

  static String detail(RecoveryAction action) {
    if (action instanceof MoveLayers move) {
      return move.from().describe() + " → " + move.to().describe();
    }
    return ((NotifyOperator) action).message();
  }

  boolean isMove() {
    return kind.equals("move-layers");
  }

  ActionView executed(Instant when, long pause) {
    return with(State.EXECUTED, when.toEpochMilli(), closedAt, pause, remark);
  }

  ActionView failed(Instant when, String why) {
    return with(State.FAILED, executedAt, when.toEpochMilli(), pauseMillis, why);
  }

  ActionView undoing() {
    return with(State.UNDOING, executedAt, closedAt, pauseMillis, remark);
  }

  ActionView closed(Instant when) {
    return with(State.CLOSED, executedAt, when.toEpochMilli(), pauseMillis, remark);
  }

  ActionView ended(ActionOutcome outcome, long when) {
    return new ActionView(
        job,
        id,
        incident,
        kind,
        detail,
        reason,
        proposer,
        outcome.result() == ActionOutcome.Result.FAILED ? State.FAILED : State.CLOSED,
        plannedAt,
        executedAt,
        closedAt == null ? Long.valueOf(when) : closedAt,
        predictedBefore,
        predictedAfter,
        outcome.pauseMillis(),
        outcome.stepSecondsBefore(),
        outcome.stepSecondsAfter(),
        outcome.result().name(),
        outcome.detail());
  }

  private ActionView with(
      State next,
      @Nullable Long executed,
      @Nullable Long closed,
      @Nullable Long pause,
      @Nullable String note) {
    return new ActionView(
        job,
        id,
        incident,
        kind,
        detail,
        reason,
        proposer,
        next,
        plannedAt,
        executed,
        closed,
        predictedBefore,
        predictedAfter,
        pause,
        stepSecondsBefore,
        stepSecondsAfter,
        result,
        note);
  }
}
