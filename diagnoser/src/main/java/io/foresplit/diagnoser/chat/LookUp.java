package io.foresplit.diagnoser.chat;

import java.util.Map;

/**
 * A read-only question to what is recorded, the same for everybody who answers. Changes nothing.
 *
 * @param <R> what it finds
 */
public sealed interface LookUp<R extends LookUp.Result>
    permits ActionsLookUp,
        ForecastLookUp,
        LibraryLookUp,
        MetricsLookUp,
        TopologyLookUp,
        WhatIfLookUp {
  /** Name of the kind of look-up, such as {@code metrics}. */
  String name();

  /** Arguments by name, for people. */
  Map<String, String> arguments();

  /** Looks. */
  R in(IncidentFacts facts);

  /** What was found. */
  interface Result {
    /** In plain words, one line. */
    String text();
  }
}
