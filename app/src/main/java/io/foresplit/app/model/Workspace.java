package io.foresplit.app.model;

import io.foresplit.app.config.ModelsFolder;
import io.foresplit.app.process.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A hidden folder beside the models, in which one is made ready: gone when it is closed, when the
 * program is ended, and, should it be killed, with the next pull.
 */
final class Workspace implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("\\.pull-(\\d{1,9})-.*");

  private final Path path;
  private @Nullable Process process;
  private boolean ended;

  private Workspace(Path path) {
    this.path = path;
  }

  /** Makes one, and removes what others left who are no more. */
  static Workspace in(ModelsFolder folder) throws IOException {
    Files.createDirectories(folder.path());
    List<Path> all;
    try (Stream<Path> files = Files.list(folder.path())) {
      all = files.toList();
    }
    for (Path file : all) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
        Folders.delete(file);
      }
    }
    String prefix = ".pull-" + ProcessHandle.current().pid() + "-";
    Workspace workspace = new Workspace(Files.createTempDirectory(folder.path(), prefix));
    Runtime.getRuntime().addShutdownHook(new Thread(workspace::close, "end-pull"));
    return workspace;
  }

  Path path() {
    return path;
  }

  /**
   * Starts a program that ends with this.
   *
   * @throws IOException also when this has ended
   */
  synchronized Process start(ProcessBuilder builder) throws IOException {
    if (ended) {
      throw new IOException("the program is ending");
    }
    process = builder.start();
    return process;
  }

  @Override
  public synchronized void close() {
    ended = true;
    if (process != null) {
      process.destroyForcibly();
      Process unused = process.onExit().join();
    }
    try {
      Folders.delete(path);
    } catch (IOException e) {
      // the next pull removes it
    }
  }
}
