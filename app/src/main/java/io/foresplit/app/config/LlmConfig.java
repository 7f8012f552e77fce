package io.foresplit.app.config;

import java.time.Duration;
import java.util.Optional;

/**
 * The language model that may help to explain. Without one, nothing is called.
 *
 * @param baseUrl empty with {@link Provider#NONE}
 * @param model empty with {@link Provider#NONE}
 * @param timeout of one request
 */
public record LlmConfig(
    Provider provider, String baseUrl, String model, Optional<Secret> apiKey, Duration timeout) {
  /** What kind of endpoint answers. */
  public enum Provider {
    NONE,
    OPENAI_COMPATIBLE,
    OLLAMA
  }

  public boolean enabled() {
    return provider != Provider.NONE;
  }
}
