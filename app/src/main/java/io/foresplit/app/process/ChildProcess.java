package io.foresplit.app.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A running child. Thread-safe. */
public final class ChildProcess {
  private final String name;
  private final Path log;
  private final Process process;

  ChildProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  public String name() {
    return name;
  }

  /** Where its output goes. */
  public Path log() {
    return log;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Completes with its exit code. */
  public CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** The last line it printed, or empty: what a failed child had to say. */
  public String lastWords() {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
      List<String> said = lines.filter(line -> !line.isBlank()).toList();
      return said.isEmpty() ? "" : said.get(said.size() - 1).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** SIGKILL, as when its machine fails; returns when it is gone. */
  public void kill() throws InterruptedException {
    int unused = process.destroyForcibly().waitFor();
  }

  Process process() {
    return process;
  }
}
