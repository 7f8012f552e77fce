package io.foresplit.diagnoser.chat;

import java.util.List;
import java.util.function.Consumer;

/** The port to whoever answers questions about an incident. Thread-safe. */
public interface Answerer {
  /**
   * Answers one question, on the calling thread. The last event is the only {@link ChatEvent.End};
   * what the listener throws ends the answer and comes out.
   *
   * @param history earlier turns of the conversation, oldest first
   * @param question as somebody wrote it: untrusted
   */
  void answer(
      IncidentFacts facts, List<Turn> history, String question, Consumer<ChatEvent> listener);
}
