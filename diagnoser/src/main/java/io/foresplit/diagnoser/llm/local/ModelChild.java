package io.foresplit.diagnoser.llm.local;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The child's side: answers one question after the other until its input ends, which is when the
 * parent is gone, however it went.
 */
public final class ModelChild {
  private static final int LONGEST_REASON = 500;

  private final Engine engine;
  private final OutputStream output;
  private volatile int cancelled;

  ModelChild(Engine engine, OutputStream output) {
    this.engine = engine;
    this.output = output;
  }

  /** Arguments: model, adapter or nothing, threads, tokens of context, folder for native files. */
  public static void main(String[] arguments) {
    // what others print goes to the error stream: the output belongs to the replies
    OutputStream output = new FileOutputStream(FileDescriptor.out);
    System.setOut(
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
    try {
      serve(arguments, System.in, output);
    } catch (IOException e) {
      // the parent is gone
    } finally {
      ScratchFolder.delete(Path.of(arguments[4]));
      // native threads may be amid an answer that nobody waits for
      Runtime.getRuntime().halt(0);
    }
  }

  private static void serve(String[] arguments, InputStream input, OutputStream output)
      throws IOException {
    LlamaEngine engine;
    try {
      engine =
          new LlamaEngine(
              new LocalModelConfig(
                  Path.of(arguments[0]),
                  Optional.of(arguments[1]).filter(adapter -> !adapter.isEmpty()).map(Path::of),
                  Integer.parseInt(arguments[2]),
                  Integer.parseInt(arguments[3])));
    } catch (LinkageError e) {
      String reason = "llama.cpp does not run here, on Linux it needs libgomp1: " + reason(e);
      output.write(Wire.encode(Reply.unloadable(reason)));
      return;
    } catch (RuntimeException e) {
      output.write(Wire.encode(Reply.unloadable(reason(e))));
      return;
    }
    output.write(Wire.encode(Reply.ready()));
    new ModelChild(engine, output).listen(input);
  }

  /** Returns at the end of the input. */
  void listen(InputStream input) throws IOException {
    ExecutorService worker = Executors.newSingleThreadExecutor();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Wire.Order order = Wire.order(line);
        order
            .question()
            .ifPresentOrElse(
                question -> worker.execute(() -> answer(question)),
                () -> cancelled = order.cancelled());
      }
    } finally {
      worker.shutdown();
    }
  }

  private void answer(Question question) {
    try {
      Engine.Run run = engine.begin(question);
      Optional<String> piece = next(run, question);
      while (piece.isPresent()) {
        if (!piece.get().isEmpty()) {
          say(Reply.piece(question.id(), piece.get()));
        }
        piece = next(run, question);
      }
      say(Reply.end(question.id(), run.promptTokens(), run.answerTokens()));
    } catch (RuntimeException e) {
      say(Reply.refused(question.id(), reason(e)));
    }
  }

  private Optional<String> next(Engine.Run run, Question question) {
    if (cancelled == question.id()) {
      run.cancel();
      return Optional.empty();
    }
    return run.next();
  }

  private void say(Reply reply) {
    try {
      output.write(Wire.encode(reply));
      output.flush();
    } catch (IOException e) {
      // the parent is gone, which the end of the input tells
    }
  }

  private static String reason(Throwable problem) {
    String message = String.valueOf(problem.getMessage()).replaceAll("\\s+", " ");
    return message.length() <= LONGEST_REASON
        ? message
        : message.substring(0, LONGEST_REASON) + "…";
  }
}
