package io.foresplit.diagnoser.llm.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which model runs in the child process, and how much of the machine it may take.
 *
 * @param file in GGUF
 * @param loraAdapter in GGUF, of the same model
 * @param threads that compute an answer
 * @param contextTokens for prompt and answer together; memory grows with it
 */
public record LocalModelConfig(
    Path file, Optional<Path> loraAdapter, int threads, int contextTokens) {
  /** What is taken unless told otherwise. */
  public static final int DEFAULT_CONTEXT_TOKENS = 4096;

  private static final int MOST_THREADS = 64;
  private static final int LEAST_CONTEXT = 256;
  private static final int MOST_CONTEXT = 131_072;

  public LocalModelConfig {
    List<String> problems = new ArrayList<>();
    if (threads < 1 || threads > MOST_THREADS) {
      problems.add("threads must be from 1 to " + MOST_THREADS + ", was " + threads);
    }
    if (contextTokens < LEAST_CONTEXT || contextTokens > MOST_CONTEXT) {
      problems.add(
          "contextTokens must be from "
              + LEAST_CONTEXT
              + " to "
              + MOST_CONTEXT
              + ", was "
              + contextTokens);
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("local model: " + String.join("; ", problems));
    }
  }

  /** A model with all defaults: one thread, no adapter. */
  public static LocalModelConfig of(Path file) {
    return new LocalModelConfig(file, Optional.empty(), 1, DEFAULT_CONTEXT_TOKENS);
  }
}
