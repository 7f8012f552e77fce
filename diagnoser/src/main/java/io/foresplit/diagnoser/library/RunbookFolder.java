package io.foresplit.diagnoser.library;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Reads runbooks of a folder of a user's. What is in them is data, whatever it says. */
final class RunbookFolder {
  static final int MOST_BYTES = 64 * 1024;
  static final int MOST_FILES = 200;
  private static final String SUFFIX = ".md";

  private RunbookFolder() {}

  /** A file's name without its end, and what it holds. */
  record Found(Path file, String name, String markdown) {}

  /**
   * All files of the folder itself whose names end in {@code .md}, by name.
   *
   * @param problem is told in one line of each that is left out, and why
   */
  static List<Found> read(Path folder, Consumer<String> problem) {
    if (!Files.isDirectory(folder)) {
      problem.accept("runbook folder " + folder + " is no folder: give one with .md files in it");
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> name(file).endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      problem.accept("runbook folder " + folder + " cannot be read: let this program read it");
      return List.of();
    }
    if (files.size() > MOST_FILES) {
      problem.accept(
          "runbook folder "
              + folder
              + " has "
              + files.size()
              + " .md files, the first "
              + MOST_FILES
              + " by name are read: use fewer, or several folders");
    }
    return files.stream().limit(MOST_FILES).flatMap(file -> found(file, problem)).toList();
  }

  private static Stream<Found> found(Path file, Consumer<String> problem) {
    try {
      String name = name(file);
      return Stream.of(
          new Found(file, name.substring(0, name.length() - SUFFIX.length()), text(file)));
    } catch (RunbookException e) {
      problem.accept(e.getMessage());
      return Stream.empty();
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static String text(Path file) throws RunbookException {
    String where = file.toString();
    if (!Files.isRegularFile(file)) {
      throw new RunbookException(where, "is no file", "remove it, or rename it");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw new RunbookException(where, "cannot be read", "let this program read it");
    }
    if (bytes.length > MOST_BYTES) {
      throw new RunbookException(where, "is larger than 64 KiB", "split it into several files");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new RunbookException(where, "is not UTF-8", "save it as UTF-8 text");
    }
    String markdown = PlainText.of(text);
    boolean headed = Markdown.sections(markdown).stream().anyMatch(s -> !s.heading().isEmpty());
    if (text.indexOf('\0') >= 0 || !headed) {
      throw new RunbookException(
          where, "is not Markdown with a heading", "begin it with a line such as '# Link fades'");
    }
    return markdown;
  }
}
