package io.foresplit.diagnoser.llm.local;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Answers of a local model piece by piece. Handlers are called on one thread, one answer after the
 * other; when {@value #MOST_WAITING} answers are waited for, a further one fails at once. After a
 * handler has cancelled, it is not called any more. Thread-safe.
 */
final class LocalStreamingChatModel implements StreamingChatModel, AutoCloseable {
  private static final int MOST_WAITING = 4;

  private final LocalModel model;
  private final ThreadPoolExecutor answers;

  LocalStreamingChatModel(LocalModel model) {
    this.model = model;
    answers =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "llm-stream");
              thread.setDaemon(true);
              return thread;
            });
    answers.allowCoreThreadTimeOut(true);
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    Question question = ChatRequests.question(request);
    try {
      answers.execute(() -> answer(question, handler));
    } catch (RejectedExecutionException e) {
      handler.onError(new LocalModelException(model.name() + " is busy or closed", e));
    }
  }

  private void answer(Question question, StreamingChatResponseHandler handler) {
    if (handler instanceof Listening one && !one.isListening()) {
      return; // the next one has waited for this, too
    }
    Handle handle = new Handle();
    PartialResponseContext context = new PartialResponseContext(handle);
    LocalModel.Answer answer;
    try {
      answer =
          model.ask(
              question,
              piece -> {
                handler.onPartialResponse(new PartialResponse(piece), context);
                return !handle.isCancelled();
              });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      handler.onError(new LocalModelException(model.name() + " was interrupted", e));
      return;
    } catch (RuntimeException e) {
      handler.onError(e);
      return;
    }
    if (!handle.isCancelled()) {
      handler.onCompleteResponse(ChatRequests.response(model.name(), question, answer));
    }
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
  }

  /** Answers that are waited for are not begun any more. */
  @Override
  public void close() {
    answers.shutdownNow();
  }

  private static final class Handle implements StreamingHandle {
    private volatile boolean cancelled;

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }
}
