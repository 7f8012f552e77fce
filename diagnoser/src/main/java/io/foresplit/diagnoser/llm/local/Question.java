package io.foresplit.diagnoser.llm.local;

import java.util.List;
import java.util.Optional;

/**
 * What the child is asked.
 *
 * @param turns of the conversation so far, oldest first
 * @param mostTokens of the answer
 * @param temperature 0 for the likeliest token always
 * @param schema of the JSON the answer must be; any text when empty
 * @param stops texts that end the answer
 */
record Question(
    int id,
    List<Turn> turns,
    int mostTokens,
    double temperature,
    Optional<String> schema,
    List<String> stops) {
  /** Who said what: {@code system}, {@code user} or {@code assistant}. */
  record Turn(String role, String text) {}

  Question {
    turns = List.copyOf(turns);
    stops = List.copyOf(stops);
  }

  Question withId(int other) {
    return new Question(other, turns, mostTokens, temperature, schema, stops);
  }
}
