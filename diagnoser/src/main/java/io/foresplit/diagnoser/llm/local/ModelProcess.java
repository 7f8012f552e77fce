package io.foresplit.diagnoser.llm.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A running child. Nothing that it does or leaves undone blocks who asks: lines to it are written
 * by a thread of their own, and of its replies a bounded number is kept, so that a child that says
 * more waits. One thread asks; any may end it.
 */
final class ModelProcess implements AutoCloseable {
  private static final int MOST_WAITING = 256;

  private final Process process;
  private final MarkedLines lines;
  private final BlockingQueue<byte[]> orders = new LinkedBlockingQueue<>();
  private final BlockingQueue<Reply> replies = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread writer = new Thread(this::write, "llm-child-orders");
  private final Thread reader = new Thread(this::read, "llm-child-replies");

  private ModelProcess(Process process) {
    this.process = process;
    this.lines = new MarkedLines(process.getInputStream());
  }

  /**
   * Starts a child.
   *
   * @throws IOException when the operating system refuses
   */
  static ModelProcess start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    ModelProcess child = new ModelProcess(builder.start());
    child.writer.setDaemon(true);
    child.writer.start();
    child.reader.setDaemon(true);
    child.reader.start();
    return child;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends a line, sooner or later. */
  void send(byte[] line) {
    orders.add(line);
  }

  /** The next reply, empty when there is none within the time; {@code GONE} is the last. */
  Optional<Reply> next(long nanos) throws InterruptedException {
    return Optional.ofNullable(replies.poll(nanos, TimeUnit.NANOSECONDS));
  }

  private void write() {
    try (OutputStream output = process.getOutputStream()) {
      while (true) {
        output.write(orders.take());
        output.flush();
      }
    } catch (IOException | InterruptedException e) {
      // it is gone, which the reader tells, or closed
    }
  }

  private void read() {
    try {
      replies.put(Reply.gone(untilGone()));
    } catch (InterruptedException e) {
      // closed: nobody asks any more
    }
  }

  /** Hands replies on while they make sense; says why no more come. */
  private String untilGone() throws InterruptedException {
    try {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        replies.put(Wire.reply(line.get()));
      }
    } catch (JsonProcessingException e) {
      return "it said what is no reply";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
    int code = process.waitFor();
    String words = lines.lastWords();
    return "it ended with code " + code + (words.isEmpty() ? "" : ", last words: " + words);
  }

  /** Ends the child at once, and returns when it is gone. */
  @Override
  public void close() {
    writer.interrupt();
    reader.interrupt();
    process.destroyForcibly();
    Process unused = process.onExit().join();
  }
}
