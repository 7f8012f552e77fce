package io.foresplit.diagnoser.llm;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.foresplit.contract.Diagnosis;
import io.foresplit.diagnoser.ReasonedDiagnosis;
import io.foresplit.diagnoser.Reasoner;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a language model to word the explanation of a diagnosis. One request at a time on one
 * thread, bounded in tokens and time; a failed or unreadable answer is asked for once more, one
 * that stalls is not. Failures are a log line and an empty answer. Thread-safe.
 */
public final class LlmDiagnoser implements Reasoner {
  private static final Logger LOG = LoggerFactory.getLogger(LlmDiagnoser.class);
  private static final int ATTEMPTS = 2;
  private static final int MOST_TOKENS = 700;

  private final ChatModel chat;
  private final String model;
  private final Duration timeout;
  private final Runnable onClose;
  private final ThreadPoolExecutor calls;

  /**
   * A diagnoser on any chat model.
   *
   * @param model name for provenance
   * @param timeout of one attempt
   */
  public LlmDiagnoser(ChatModel chat, String model, Duration timeout) {
    this(chat, model, timeout, () -> {});
  }

  /**
   * @param onClose ends what the chat model runs on
   */
  private LlmDiagnoser(ChatModel chat, String model, Duration timeout, Runnable onClose) {
    this.onClose = onClose;
    this.chat = chat;
    this.model = model;
    this.timeout = timeout;
    this.calls =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1),
            task -> {
              Thread thread = new Thread(task, "llm-call");
              thread.setDaemon(true);
              return thread;
            });
    calls.allowCoreThreadTimeOut(true);
  }

  /**
   * The diagnoser a configuration asks for; empty when it asks for none. Calls nothing yet.
   *
   * @param nanoTime such as {@link System#nanoTime}
   */
  public static Optional<LlmDiagnoser> of(LlmConfig config, LongSupplier nanoTime) {
    return LanguageModel.of(config, nanoTime)
        .map(
            model ->
                new LlmDiagnoser(model.chat(), config.model(), config.timeout(), model::close));
  }

  @Override
  public Optional<ReasonedDiagnosis> reason(Diagnosis statistical) {
    String incident = statistical.incident().id().value();
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        String text = ask(statistical);
        return Optional.of(Prompt.answer(model, text));
      } catch (TimeoutException e) {
        LOG.warn("model {} did not answer on {} within {}", model, incident, timeout);
        return Optional.empty();
      } catch (RejectedExecutionException e) {
        LOG.warn("model {} is not asked on {}: it is still busy or closed", model, incident);
        return Optional.empty();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      } catch (ExecutionException e) {
        LOG.warn(
            "model {} failed on {}, attempt {}: {}",
            model,
            incident,
            attempt,
            reason(e.getCause()));
      } catch (Prompt.UnusableAnswerException | JacksonException e) {
        LOG.warn(
            "model {} is of no use on {}, attempt {}: {}", model, incident, attempt, reason(e));
      }
    }
    return Optional.empty();
  }

  private String ask(Diagnosis statistical)
      throws InterruptedException, ExecutionException, TimeoutException, JsonProcessingException {
    ChatRequest.Builder asked =
        ChatRequest.builder()
            .messages(
                SystemMessage.from(Prompt.RULES), UserMessage.from(Prompt.question(statistical)))
            .temperature(0.0)
            .maxOutputTokens(MOST_TOKENS);
    if (chat.supportedCapabilities().contains(Capability.RESPONSE_FORMAT_JSON_SCHEMA)) {
      asked.responseFormat(Prompt.format(statistical));
    }
    ChatRequest request = asked.build();
    Future<String> answer = calls.submit(() -> text(chat.chat(request).aiMessage()));
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      answer.cancel(true);
      calls.purge();
    }
  }

  private static String text(AiMessage message) {
    String text = message.text();
    return text == null ? "" : text;
  }

  /** One short line: an endpoint's error may be long. */
  private static String reason(@Nullable Throwable problem) {
    if (problem == null) {
      return "no reason given";
    }
    String message = String.valueOf(problem.getMessage()).replaceAll("\\p{Cntrl}+", " ");
    String shortened = message.length() <= 200 ? message : message.substring(0, 200) + "…";
    return problem.getClass().getSimpleName() + ": " + shortened;
  }

  @Override
  public void close() {
    calls.shutdownNow();
    onClose.run();
  }
}
