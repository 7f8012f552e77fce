package io.foresplit.diagnoser.llm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How much a language model may be asked.
 *
 * @param tokensPerIncident read and written, for its diagnosis and all questions about it
 * @param tokensPerDay likewise for all incidents, from midnight to midnight UTC
 * @param timePerIncident that all calls for an incident may take together
 * @param retries of a call that failed for a reason that may pass
 * @param retryWait before the first retry; doubled for each further one
 * @param breakerFailures calls that fail one after the other until none is made any more
 * @param breakerPause until one is tried again
 */
public record LlmLimits(
    int tokensPerIncident,
    int tokensPerDay,
    Duration timePerIncident,
    int retries,
    Duration retryWait,
    int breakerFailures,
    Duration breakerPause) {
  private static final Duration LONGEST = Duration.ofHours(24);

  public LlmLimits {
    List<String> problems = new ArrayList<>();
    if (tokensPerIncident < 1) {
      problems.add("tokensPerIncident must be 1 or more, was " + tokensPerIncident);
    }
    if (tokensPerDay < tokensPerIncident) {
      problems.add(
          "tokensPerDay must be at least tokensPerIncident, "
              + tokensPerIncident
              + ", was "
              + tokensPerDay);
    }
    if (retries < 0 || retries > 5) {
      problems.add("retries must be from 0 to 5, was " + retries);
    }
    if (breakerFailures < 1 || breakerFailures > 100) {
      problems.add("breakerFailures must be from 1 to 100, was " + breakerFailures);
    }
    positive("timePerIncident", timePerIncident, problems);
    positive("retryWait", retryWait, problems);
    positive("breakerPause", breakerPause, problems);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("llm: " + String.join("; ", problems));
    }
  }

  private static void positive(String name, Duration value, List<String> problems) {
    if (value.toMillis() < 1 || value.compareTo(LONGEST) > 0) {
      problems.add(name + " must be from 1 ms to 24 hours, was " + value);
    }
  }

  public static LlmLimits defaults() {
    return new LlmLimits(
        150_000,
        1_000_000,
        Duration.ofMinutes(5),
        2,
        Duration.ofMillis(500),
        5,
        Duration.ofMinutes(1));
  }
}
