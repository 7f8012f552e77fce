package io.foresplit.diagnoser.llm.local;

import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * A GGUF model in a child process, which the first question starts. A child that crashes, stalls,
 * floods or talks nonsense costs an answer: it is ended, and the next question starts another. One
 * question at a time; others wait for their turn within their time. Thread-safe.
 */
public final class LocalModel implements AutoCloseable {
  /** A child that computes an answer notices within this time that it is no longer wanted. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** More than any answer has on average. */
  private static final int MOST_CHARACTERS_A_TOKEN = 32;

  /**
   * What the model said.
   *
   * @param promptTokens 0 when the answer was cut short by who asked
   * @param answerTokens likewise
   */
  record Answer(String text, int promptTokens, int answerTokens) {}

  private final String name;
  private final Duration timeout;
  private final LongSupplier nanoTime;
  private final KeptChild child;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final LocalStreamingChatModel streaming = new LocalStreamingChatModel(this);
  private int questions;

  /**
   * A model that is not started yet.
   *
   * @param timeout of one question, with the wait for its turn and the start of the child
   * @param nanoTime such as {@link System#nanoTime}
   */
  public LocalModel(LocalModelConfig config, Duration timeout, LongSupplier nanoTime) {
    this(String.valueOf(config.file().getFileName()), ChildCommand.of(config), timeout, nanoTime);
  }

  LocalModel(String name, ChildCommand command, Duration timeout, LongSupplier nanoTime) {
    this.name = name;
    this.timeout = timeout;
    this.nanoTime = nanoTime;
    this.child = new KeptChild(name, command, nanoTime);
  }

  /** Answers as a whole. */
  public ChatModel chat() {
    return new LocalChatModel(this);
  }

  /** Answers piece by piece, on a thread of its own. */
  public StreamingChatModel streaming() {
    return streaming;
  }

  String name() {
    return name;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param wanted is given each piece, and says whether more are wanted
   * @throws LocalModelException when there is no answer
   * @throws TimeoutException when there is none in time
   * @throws InterruptedException when interrupted; the answer is given up
   */
  Answer ask(Question asked, Predicate<String> wanted) throws InterruptedException {
    long deadline = nanoTime.getAsLong() + timeout.toNanos();
    if (!turn.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException(name + " was busy with other questions for " + inSeconds());
    }
    try {
      ModelProcess process = child.loaded(deadline);
      questions++;
      Question question = asked.withId(questions);
      process.send(Wire.encode(question));
      return receive(process, question, wanted, deadline);
    } finally {
      turn.unlock();
    }
  }

  private Answer receive(
      ModelProcess process, Question question, Predicate<String> wanted, long deadline)
      throws InterruptedException {
    boolean settled = false;
    try {
      StringBuilder text = new StringBuilder();
      while (true) {
        Optional<Reply> next = process.next(Math.max(0, deadline - nanoTime.getAsLong()));
        Reply reply =
            next.orElseThrow(
                () -> new TimeoutException(name + " gave no answer in " + inSeconds()));
        check(reply, question);
        switch (reply.kind()) {
          case END -> {
            settled = true;
            return new Answer(text.toString(), reply.promptTokens(), reply.answerTokens());
          }
          case REFUSED -> {
            settled = true;
            throw new LocalModelException(name + " cannot answer: " + reply.text());
          }
          case PIECE -> {
            text.append(reply.text());
            if (text.length() > MOST_CHARACTERS_A_TOKEN * question.mostTokens()) {
              throw new LocalModelException(name + " failed: its answer does not end");
            }
            if (!wanted.test(reply.text())) {
              settled = cancel(process, question);
              return new Answer(text.toString(), 0, 0);
            }
          }
          case READY, UNLOADABLE, GONE ->
              throw new LocalModelException(name + " failed: " + reply.text());
        }
      }
    } catch (TimeoutException | InterruptedException e) {
      settled = cancel(process, question);
      throw e;
    } finally {
      if (!settled) {
        child.discard();
      }
    }
  }

  private void check(Reply reply, Question question) {
    if (reply.kind() != Reply.Kind.GONE && reply.id() != question.id()) {
      throw new LocalModelException(name + " failed: it answered what was not asked");
    }
  }

  /** Whether the child has taken note, and is ready for another question. */
  private boolean cancel(ModelProcess process, Question question) {
    process.send(Wire.encodeCancel(question.id()));
    long deadline = nanoTime.getAsLong() + GRACE.toNanos();
    try {
      while (true) {
        Optional<Reply> reply = process.next(Math.max(0, deadline - nanoTime.getAsLong()));
        if (reply.isEmpty() || reply.get().kind() != Reply.Kind.PIECE) {
          return reply.isPresent() && reply.get().id() == question.id();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private String inSeconds() {
    return timeout.toMillis() / 1000.0 + " s";
  }

  /** Ends the child, and with it the answer it is at. */
  @Override
  public void close() {
    streaming.close();
    child.close();
  }
}
