package io.foresplit.diagnoser.chat;

import io.foresplit.contract.SeriesKey;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** What happens while a question is answered, a closed set, in the order in which it happens. */
public sealed interface ChatEvent {
  /** The next piece of the answer: pieces are joined without anything between them. */
  record Token(String text) implements ChatEvent {}

  /**
   * Something is looked up; nothing is changed by it.
   *
   * @param call numbers the look-ups of an answer from 1
   */
  record ToolCall(int call, String name, Map<String, String> arguments) implements ChatEvent {
    public ToolCall {
      arguments = Collections.unmodifiableMap(new TreeMap<>(arguments));
    }
  }

  /** What the look-up of that number found, in plain words. */
  record ToolResult(int call, String name, String text) implements ChatEvent {}

  /**
   * The text so far ends with this citation; told at the first time in an answer.
   *
   * @param evidence id of a fact of the latest diagnosis
   * @param series what the fact is about
   */
  record Citation(String evidence, SeriesKey series) implements ChatEvent {}

  /** The answer is over. */
  record End(Status status) implements ChatEvent {}

  /** How an answer ended. */
  enum Status {
    ANSWERED,
    /** It is not recorded, or not a question that is understood; the text says so. */
    UNKNOWN,
    /** Something went wrong on the way; the text so far may be incomplete. */
    FAILED
  }
}
