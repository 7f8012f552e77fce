package io.foresplit.app.config;

import io.foresplit.diagnoser.llm.LlmLimits;
import io.foresplit.diagnoser.llm.local.LocalModelConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * The language model that may help to explain. Without one, nothing is called.
 *
 * @param baseUrl empty with {@link Provider#NONE} and {@link Provider#LOCAL}
 * @param model empty with {@link Provider#NONE}
 * @param timeout of one request
 * @param local with {@link Provider#LOCAL} alone
 * @param mask whether names are replaced before they leave
 */
public record LlmConfig(
    Provider provider,
    String baseUrl,
    String model,
    Optional<Secret> apiKey,
    Duration timeout,
    Optional<LocalModelConfig> local,
    LlmLimits limits,
    boolean mask) {
  /** Who answers. */
  public enum Provider {
    NONE,
    OPENAI_COMPATIBLE,
    OLLAMA,
    /** A GGUF file in a child process of this program. */
    LOCAL
  }

  public boolean enabled() {
    return provider != Provider.NONE;
  }

  /** What the diagnoser needs to know of it. */
  public io.foresplit.diagnoser.llm.LlmConfig forDiagnoser() {
    return new io.foresplit.diagnoser.llm.LlmConfig(
        io.foresplit.diagnoser.llm.LlmConfig.Provider.valueOf(provider.name()),
        baseUrl,
        model,
        apiKey.map(Secret::value).orElse(""),
        timeout,
        local);
  }
}
