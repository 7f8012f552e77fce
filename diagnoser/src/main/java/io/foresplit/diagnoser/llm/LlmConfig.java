package io.foresplit.diagnoser.llm;

import io.foresplit.diagnoser.llm.local.LocalModelConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The language model that may word explanations. With {@link Provider#NONE} nothing is called.
 *
 * @param baseUrl such as {@code https://api.example.com/v1} or {@code http://localhost:11434};
 *     empty with {@link Provider#LOCAL}
 * @param apiKey secret, never printed; empty when the endpoint needs none
 * @param timeout of one request, at most two minutes
 * @param local with {@link Provider#LOCAL} alone
 */
public record LlmConfig(
    Provider provider,
    String baseUrl,
    String model,
    String apiKey,
    Duration timeout,
    Optional<LocalModelConfig> local) {
  /** Who answers. */
  public enum Provider {
    NONE,
    OPENAI_COMPATIBLE,
    OLLAMA,
    /** A GGUF file in a child process of this program. */
    LOCAL
  }

  public LlmConfig {
    List<String> problems = new ArrayList<>();
    boolean remote = provider == Provider.OPENAI_COMPATIBLE || provider == Provider.OLLAMA;
    if (remote && !baseUrl.startsWith("http://") && !baseUrl.startsWith("https://")) {
      problems.add("baseUrl must start with http:// or https://, was '" + baseUrl + "'");
    }
    if (provider != Provider.NONE && model.isBlank()) {
      problems.add("model must be named");
    }
    if (local.isPresent() != (provider == Provider.LOCAL)) {
      problems.add("a model file belongs to the provider local alone");
    }
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(Duration.ofMinutes(2)) > 0) {
      problems.add("timeout must be more than 0 and at most 2 minutes, was " + timeout);
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("llm: " + String.join("; ", problems));
    }
  }

  /** A model behind an endpoint, or none. */
  public LlmConfig(
      Provider provider, String baseUrl, String model, String apiKey, Duration timeout) {
    this(provider, baseUrl, model, apiKey, timeout, Optional.empty());
  }

  /** A model in a file. */
  public static LlmConfig local(String model, LocalModelConfig local, Duration timeout) {
    return new LlmConfig(Provider.LOCAL, "", model, "", timeout, Optional.of(local));
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
        + local.map(file -> ", local=" + file).orElse("")
        + "]";
  }
}
