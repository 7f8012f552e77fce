package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import java.util.Optional;

/** What a question is understood to ask, a closed set. */
sealed interface Question {
  /** Questions that need nothing more to be answered. */
  enum Plain implements Question {
    WHY,
    SINCE,
    EVIDENCE,
    ALTERNATIVES,
    CONFIDENCE,
    TRIED,
    HELPED,
    WHERE,
    CHECK,
    WHAT_CAN_BE_ASKED,
    NOT_UNDERSTOOD
  }

  /** About one fact; it may not exist. */
  record OneFact(String id) implements Question {}

  /** About a node or link: what is known of it, and whether it is the cause. */
  record About(ComponentId component) implements Question {}

  /** What is forecast, of a component or of the objectives at risk. */
  record Outlook(Optional<ComponentId> component) implements Question {}

  /** What a metric is and was, of the component or of the one that is talked of. */
  record Measured(Metric metric, Optional<ComponentId> component) implements Question {}

  /** What a step would take otherwise. */
  record WhatIf(Proposal proposal) implements Question {}
}
