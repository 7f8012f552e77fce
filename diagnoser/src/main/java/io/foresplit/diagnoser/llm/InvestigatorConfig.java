package io.foresplit.diagnoser.llm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How much an investigation may take.
 *
 * @param model name for provenance
 * @param limit of a whole investigation
 * @param briefingTokens of the evidence that a model is given, as estimated
 * @param answerTokens of an answer
 * @param lookUps that the model may ask for; 0 for a model without tools
 * @param rereads whether the model is asked which claims its facts bear out
 */
public record InvestigatorConfig(
    String model,
    Duration limit,
    int briefingTokens,
    int answerTokens,
    int lookUps,
    boolean rereads) {
  private static final int MOST_TOKENS = 100_000;
  private static final int MOST_LOOK_UPS = 50;

  /** Answers that a local model may need time for: the first, and the one asked for again. */
  private static final int LOCAL_ANSWERS = 2;

  private static final int REMOTE_ANSWERS = 4;

  public InvestigatorConfig {
    List<String> problems = new ArrayList<>();
    if (limit.isNegative() || limit.isZero()) {
      problems.add("limit must be positive, was " + limit);
    }
    if (briefingTokens < 100 || briefingTokens > MOST_TOKENS) {
      problems.add("briefingTokens must be from 100 to " + MOST_TOKENS + ", was " + briefingTokens);
    }
    if (answerTokens < 50 || answerTokens > MOST_TOKENS) {
      problems.add("answerTokens must be from 50 to " + MOST_TOKENS + ", was " + answerTokens);
    }
    if (lookUps < 0 || lookUps > MOST_LOOK_UPS) {
      problems.add("lookUps must be from 0 to " + MOST_LOOK_UPS + ", was " + lookUps);
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("investigator: " + String.join("; ", problems));
    }
  }

  /** What suits a model: a local one reads slowly, and calls no tools. */
  public static InvestigatorConfig of(LlmConfig llm) {
    return llm.provider() == LlmConfig.Provider.LOCAL
        ? new InvestigatorConfig(
            llm.model(), llm.timeout().multipliedBy(LOCAL_ANSWERS), 500, 300, 0, false)
        : new InvestigatorConfig(
            llm.model(), llm.timeout().multipliedBy(REMOTE_ANSWERS), 6_000, 1_500, 8, true);
  }
}
