package io.foresplit.diagnoser.llm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The language model that may word explanations. With {@link Provider#NONE} nothing is called.
 *
 * @param baseUrl such as {@code https://api.example.com/v1} or {@code http://localhost:11434}
 * @param apiKey secret, never printed; empty when the endpoint needs none
 * @param timeout of one request; there are two at most
 */
public record LlmConfig(
    Provider provider, String baseUrl, String model, String apiKey, Duration timeout) {
  /** What kind of endpoint answers. */
  public enum Provider {
    NONE,
    OPENAI_COMPATIBLE,
    OLLAMA
  }

  public LlmConfig {
    List<String> problems = new ArrayList<>();
    if (provider != Provider.NONE) {
      if (!baseUrl.startsWith("http://") && !baseUrl.startsWith("https://")) {
        problems.add("baseUrl must start with http:// or https://, was '" + baseUrl + "'");
      }
      if (model.isBlank()) {
        problems.add("model must be named");
      }
    }
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(Duration.ofMinutes(2)) > 0) {
      problems.add("timeout must be more than 0 and at most 2 minutes, was " + timeout);
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("llm: " + String.join("; ", problems));
    }
  }

  /** No language model. */
  public static LlmConfig none() {
    return new LlmConfig(Provider.NONE, "", "", "", Duration.ofSeconds(20));
  }

  @Override
  public String toString() {
    return "LlmConfig[provider="
        + provider
        + ", baseUrl="
        + baseUrl
        + ", model="
        + model
        + ", apiKey="
        + (apiKey.isEmpty() ? "none" : "redacted")
        + ", timeout="
        + timeout
        + "]";
  }
}
