package io.foresplit.diagnoser.llm;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.foresplit.diagnoser.llm.LlmUnavailableException.Reason;
import io.foresplit.diagnoser.llm.local.Listening;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings one answer from the threads of a client to the one that asked, bounded in length and time.
 */
final class StreamedAnswer implements StreamingChatResponseHandler, Listening {
  private final int mostCharacters;
  private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
  private volatile @Nullable StreamingHandle handle;
  private volatile boolean over;
  private volatile int characters;

  /**
   * @param mostCharacters of the answer; one that goes on is broken off
   */
  StreamedAnswer(int mostCharacters) {
    this.mostCharacters = mostCharacters;
  }

  /**
   * Waits for the end.
   *
   * @param began when it was asked, by the same nano-time source
   * @param pieces gets the text on this thread; what it throws comes out
   * @throws LlmUnavailableException when there is no whole answer
   */
  ChatResponse await(Duration atMost, long began, LongSupplier nanoTime, Consumer<String> pieces) {
    boolean some = false;
    while (true) {
      Object event;
      try {
        long left = atMost.toNanos() - (nanoTime.getAsLong() - began);
        event = left <= 0 ? null : events.poll(left, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LlmUnavailableException(
            Reason.INTERRUPTED, "the language model was not waited for any longer", false, e);
      }
      if (event == null) {
        throw new LlmUnavailableException(
            Reason.TIMEOUT, "the language model did not answer within " + words(atMost));
      } else if (event instanceof String piece) {
        some = true;
        pieces.accept(piece);
      } else if (event instanceof ChatResponse response) {
        return response;
      } else if (event instanceof LlmUnavailableException flood) {
        throw flood;
      } else {
        throw failure((Throwable) event, !some);
      }
    }
  }

  /** Characters received so far. */
  int characters() {
    return characters;
  }

  @Override
  public boolean isListening() {
    return !over;
  }

  /** What still comes is of no use. */
  void close() {
    over = true;
    StreamingHandle known = handle;
    if (known != null) {
      known.cancel();
    }
  }

  @Override
  public void onPartialResponse(String piece) {
    received(piece.length(), null);
    if (!over) {
      events.add(piece);
    }
  }

  @Override
  public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
    received(piece.text().length(), context.streamingHandle());
    if (!over) {
      events.add(piece.text());
    }
  }

  @Override
  public void onPartialThinking(PartialThinking piece, PartialThinkingContext context) {
    received(String.valueOf(piece.text()).length(), context.streamingHandle());
  }

  @Override
  public void onPartialToolCall(PartialToolCall piece, PartialToolCallContext context) {
    received(String.valueOf(piece.partialArguments()).length(), context.streamingHandle());
  }

  /** Called by one thread at a time. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void received(int length, @Nullable StreamingHandle cancellable) {
    if (cancellable != null) {
      handle = cancellable;
    }
    characters += length;
    if (!over && characters > mostCharacters) {
      over = true;
      events.add(
          new LlmUnavailableException(
              Reason.FLOOD, "the language model did not end its answer when it should"));
    }
    if (over) {
      close();
    }
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    events.add(response);
  }

  @Override
  public void onError(Throwable problem) {
    events.add(problem);
  }

  /** What a client's problem means, without its text. */
  static LlmUnavailableException failure(Throwable problem, boolean nothingYet) {
    if (problem instanceof LlmUnavailableException known) {
      return known;
    } else if (problem instanceof TimeoutException || caused(problem, HttpTimeoutException.class)) {
      return new LlmUnavailableException(
          Reason.TIMEOUT, "the language model did not answer in time", false, problem);
    } else if (problem instanceof RateLimitException) {
      return new LlmUnavailableException(
          Reason.RATE_LIMITED, "the endpoint wants fewer calls", nothingYet, problem);
    } else if (problem instanceof InvalidRequestException
        || problem instanceof UnsupportedFeatureException) {
      return new LlmUnavailableException(
          Reason.REJECTED, "the endpoint rejects what is asked", false, problem);
    }
    boolean passes =
        problem instanceof InternalServerException
            || caused(problem, IOException.class)
            || caused(problem, UnresolvedAddressException.class);
    return new LlmUnavailableException(
        Reason.FAILED,
        nothingYet ? "the language model failed" : "the language model broke off",
        passes && nothingYet,
        problem);
  }

  private static boolean caused(@Nullable Throwable problem, Class<? extends Throwable> by) {
    Throwable each = problem;
    for (int depth = 0; each != null && depth < 10; depth++) {
      if (by.isInstance(each)) {
        return true;
      }
      each = each.getCause();
    }
    return false;
  }

  private static String words(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }
}
