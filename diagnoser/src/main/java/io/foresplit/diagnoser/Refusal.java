package io.foresplit.diagnoser;

import java.util.Locale;

/** Why what a reasoner answered is dropped, a closed set: a reason never repeats the answer. */
public enum Refusal {
  NO_ANSWER("the model failed, is busy, or a limit is reached"),
  TOO_LATE("the time for it is over"),
  UNREADABLE("answer with one JSON object of the form asked for"),
  ANOTHER_CAUSE("component and cause must be those of the first cause"),
  FORM(
      "one to eight steps, whole short sentences, and a disproof that repeats none of them and says"
          + " what would be seen of which metric"),
  NOT_PLAIN("plain text without markup, addresses or control characters"),
  CITATION("each step must cite facts by ids that were given"),
  NUMBER("use only numbers that were given"),
  COMPONENT("name only links that were given"),
  ACTION("recommend only the actions offered, with a placement that is allowed"),
  UNCONFIRMED("no step says what the facts it cites say");

  private final String advice;

  Refusal(String advice) {
    this.advice = advice;
  }

  /** Name for people, metrics and the model. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What is expected instead, or what happened. */
  public String advice() {
    return advice;
  }
}
