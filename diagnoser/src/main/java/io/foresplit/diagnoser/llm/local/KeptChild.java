package io.foresplit.diagnoser.llm.local;

import dev.langchain4j.exception.TimeoutException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The child of a model: started when it is needed, kept while it is of use, started anew at most
 * {@value #MOST_STARTS} times a minute. One thread uses it; any may close it.
 */
final class KeptChild implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeptChild.class);
  private static final int MOST_STARTS = 3;
  private static final Duration STARTS_WITHIN = Duration.ofMinutes(1);
  private static final Duration LONGEST_LOADING = Duration.ofMinutes(5);

  private final String name;
  private final ChildCommand command;
  private final LongSupplier nanoTime;
  private final Deque<Long> starts = new ArrayDeque<>();
  private @Nullable ModelProcess process;
  private @Nullable Path scratch;
  private boolean loaded;
  private boolean closed;

  KeptChild(String name, ChildCommand command, LongSupplier nanoTime) {
    this.name = name;
    this.command = command;
    this.nanoTime = nanoTime;
  }

  /**
   * The child with its model loaded. One that takes longer than the caller has time goes on
   * loading, for the next caller.
   *
   * @param deadline of {@code nanoTime}
   * @throws LocalModelException when it cannot be had
   * @throws TimeoutException when it is not loaded in time
   */
  ModelProcess loaded(long deadline) throws InterruptedException {
    ModelProcess running = running();
    if (loaded) {
      Optional<Reply> unasked = running.next(0);
      if (unasked.isEmpty() && running.isAlive()) {
        return running;
      }
      discard();
      String reason = unasked.map(Reply::text).filter(text -> !text.isEmpty()).orElse("it ended");
      LOG.warn("model {}, not asked anything, failed and is started anew: {}", name, reason);
      running = running();
    }
    Optional<Reply> reply = running.next(Math.max(0, deadline - nanoTime.getAsLong()));
    if (reply.isEmpty()) {
      if (nanoTime.getAsLong() - starts.getLast() > LONGEST_LOADING.toNanos()) {
        discard();
      }
      throw new TimeoutException(name + " is still being loaded");
    }
    if (reply.get().kind() != Reply.Kind.READY) {
      discard();
      throw new LocalModelException(name + " cannot be loaded: " + reply.get().text());
    }
    loaded = true;
    return running;
  }

  private synchronized ModelProcess running() {
    if (closed) {
      throw new LocalModelException(name + " is closed");
    }
    if (process == null) {
      long now = nanoTime.getAsLong();
      starts.removeIf(start -> now - start > STARTS_WITHIN.toNanos());
      if (starts.size() >= MOST_STARTS) {
        throw new LocalModelException(
            name + " failed " + MOST_STARTS + " times within a minute and rests until it is over");
      }
      starts.add(now);
      try {
        scratch = ScratchFolder.create();
        process = ModelProcess.start(command.words(scratch, System.getenv()));
      } catch (IOException e) {
        throw new LocalModelException(name + " cannot be started: " + e.getMessage(), e);
      }
      LOG.info("model {} is loaded by process {}", name, process.pid());
    }
    return process;
  }

  /** Ends the child; the next caller gets another. */
  synchronized void discard() {
    loaded = false;
    if (process != null) {
      process.close();
      process = null;
    }
    if (scratch != null) {
      ScratchFolder.delete(scratch);
      scratch = null;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    discard();
  }
}
