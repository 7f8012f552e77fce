package io.foresplit.diagnoser.llm;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import io.foresplit.diagnoser.llm.local.LocalModel;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The model of a configuration, to be asked for whole answers or for pieces. Nothing is called or
 * started before it is asked. Thread-safe.
 */
public final class LanguageModel implements AutoCloseable {
  private final ChatModel chat;
  private final StreamingChatModel streaming;
  private final boolean callsTools;
  private final Runnable onClose;

  LanguageModel(
      ChatModel chat, StreamingChatModel streaming, boolean callsTools, Runnable onClose) {
    this.chat = chat;
    this.streaming = streaming;
    this.callsTools = callsTools;
    this.onClose = onClose;
  }

  /**
   * The model a configuration asks for; empty when it asks for none.
   *
   * @param nanoTime such as {@link System#nanoTime}
   */
  public static Optional<LanguageModel> of(LlmConfig config, LongSupplier nanoTime) {
    return switch (config.provider()) {
      case NONE -> Optional.empty();
      case OPENAI_COMPATIBLE -> Optional.of(openAiCompatible(config));
      case OLLAMA -> Optional.of(ollama(config));
      case LOCAL ->
          config
              .local()
              .map(file -> new LocalModel(file, config.timeout(), nanoTime))
              .map(
                  model -> new LanguageModel(model.chat(), model.streaming(), false, model::close));
    };
  }

  private static LanguageModel openAiCompatible(LlmConfig config) {
    String key = config.apiKey().isEmpty() ? "none" : config.apiKey();
    return new LanguageModel(
        OpenAiChatModel.builder()
            .baseUrl(config.baseUrl())
            .apiKey(key)
            .modelName(config.model())
            .timeout(config.timeout())
            .maxRetries(0)
            .build(),
        OpenAiStreamingChatModel.builder()
            .httpClientBuilder(new TimedHttp(config.timeout()))
            .baseUrl(config.baseUrl())
            .apiKey(key)
            .modelName(config.model())
            .timeout(config.timeout())
            .build(),
        true,
        () -> {});
  }

  private static LanguageModel ollama(LlmConfig config) {
    return new LanguageModel(
        OllamaChatModel.builder()
            .baseUrl(config.baseUrl())
            .modelName(config.model())
            .timeout(config.timeout())
            .maxRetries(0)
            .build(),
        OllamaStreamingChatModel.builder()
            .httpClientBuilder(new TimedHttp(config.timeout()))
            .baseUrl(config.baseUrl())
            .modelName(config.model())
            .timeout(config.timeout())
            .build(),
        true,
        () -> {});
  }

  public ChatModel chat() {
    return chat;
  }

  public StreamingChatModel streaming() {
    return streaming;
  }

  /** Whether it can be offered tools; an endpoint may still reject them. */
  boolean callsTools() {
    return callsTools;
  }

  /** Ends what it runs on this machine. */
  @Override
  public void close() {
    onClose.run();
  }
}
