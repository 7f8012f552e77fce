package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryAction.NotifyOperator;
import io.foresplit.diagnoser.Words;
import java.util.List;

/** Answers from the action journal. Each says whether it is known. */
final class ActionAnswers {
  private static final int SHORT = 300;

  private final Telling telling;

  ActionAnswers(Telling telling) {
    this.telling = telling;
  }

  boolean tried() {
    List<Attempt> attempts = telling.look(new ActionsLookUp()).attempts();
    if (attempts.isEmpty()) {
      return nothing();
    }
    for (Attempt attempt : attempts) {
      telling.item(planned(attempt));
      telling.say(became(attempt));
    }
    return true;
  }

  boolean helped() {
    List<Attempt> attempts = telling.look(new ActionsLookUp()).attempts();
    if (attempts.isEmpty()) {
      return nothing();
    }
    attempts.forEach(attempt -> telling.say(became(attempt)));
    if (telling.facts().isResolved()) {
      telling.say(
          "The incident was resolved at " + Times.clock(telling.facts().incident().at()) + ".");
    } else {
      telling.say("The incident is still open.");
    }
    return true;
  }

  private boolean nothing() {
    telling.say(
        telling.facts().isResolved()
            ? "Nothing was tried: no action for this incident is recorded, and it is over."
            : "Nothing was tried so far: no action for this incident is recorded.");
    return true;
  }

  private static String planned(Attempt attempt) {
    String when = "At " + Times.clock(attempt.plannedAt()) + " ";
    RecoveryAction action = attempt.plan().action();
    if (action instanceof NotifyOperator notify) {
      return when + "the operator was told: \"" + PlainText.of(notify.message(), SHORT) + "\".";
    }
    MoveLayers move = (MoveLayers) action;
    return when
        + "a move of layers was planned, from "
        + move.from().describe()
        + " to "
        + move.to().describe()
        + ", because "
        + PlainText.of(attempt.plan().reason(), SHORT)
        + "; predicted by the step-time model was "
        + Words.seconds(attempt.plan().predictedBeforeSeconds())
        + " a step without it and "
        + Words.seconds(attempt.plan().predictedAfterSeconds())
        + " with it.";
  }

  private static String became(Attempt attempt) {
    return attempt
        .outcome()
        .map(ActionAnswers::ended)
        .orElseGet(
            () ->
                switch (attempt.state()) {
                  case INTENDED -> "It is under way, nothing has come of it yet.";
                  case EXECUTED ->
                      "It was carried out"
                          + attempt
                              .pauseMillis()
                              .map(pause -> ", training paused for " + pause + " ms (measured)")
                              .orElse("")
                          + "; whether it helped is still being measured, so I do not know yet.";
                  case UNDOING -> "It did not help and is being undone.";
                  case FAILED ->
                      "It failed: "
                          + PlainText.of(attempt.problem().orElse("no reason is recorded"), SHORT)
                          + ".";
                  case CLOSED -> "It is over.";
                });
  }

  private static String ended(ActionOutcome outcome) {
    String measured =
        "measured, the median step took "
            + Words.seconds(outcome.stepSecondsBefore())
            + " before and "
            + Words.seconds(outcome.stepSecondsAfter())
            + " after the move, for which training paused "
            + outcome.pauseMillis()
            + " ms";
    String detail = PlainText.of(outcome.detail(), SHORT);
    String remark = detail.isEmpty() ? "." : " (" + detail + ").";
    return switch (outcome.result()) {
      case HELPED -> "It helped: " + measured + remark;
      case UNDONE -> "It did not help and was undone: " + measured + remark;
      case KEPT -> "It did not help and could not be undone: " + measured + remark;
      case FAILED -> "It failed, and the old placement stayed in force" + remark;
      case NOTIFIED -> "Nothing was moved; the operator was told" + remark;
    };
  }
}
