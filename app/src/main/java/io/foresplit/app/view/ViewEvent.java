package io.foresplit.app.view;

/**
 * Something people should see at once.
 *
 * @param name of the server-sent event
 * @param body a snapshot record
 */
public record ViewEvent(Name name, Object body) {
  /** The closed set of events. */
  public enum Name {
    STATE,
    TICK,
    FORECAST,
    INCIDENT,
    DIAGNOSIS,
    ACTION
  }
}
