package io.foresplit.runtime.plan;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Models from files of any form this package reads. Stateless. */
public final class ModelFile {
  private static final long MAX_BYTES = 64_000_000;

  /** How a line of a PipeDream file begins. */
  private static final Pattern PIPEDREAM = Pattern.compile("\\s*\\S+ -- .*");

  private ModelFile() {}

  /**
   * Reads a {@link PipeDreamGraph}, told by its first line or else by a name in {@code .txt} where
   * no JSON is, or a {@link ProfileFile}.
   */
  public static ModelGraph read(Path file) throws PlanFileException {
    String text = text(file);
    String first = text.lines().filter(l -> !l.isBlank()).findFirst().orElse("");
    boolean named = file.toString().endsWith(".txt") && !first.strip().startsWith("{");
    return named || PIPEDREAM.matcher(first).matches()
        ? PipeDreamGraph.parse(text, file)
        : ProfileFile.parse(text, file);
  }

  static String text(Path file) throws PlanFileException {
    try {
      if (Files.isDirectory(file)) {
        throw new PlanFileException(List.of(file + ": expected a file, was a folder"));
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new PlanFileException(
            List.of(file + ": expected at most " + MAX_BYTES + " bytes, was " + Files.size(file)));
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new PlanFileException(List.of(file + ": expected a readable file, there is none"));
    } catch (CharacterCodingException e) {
      throw new PlanFileException(List.of(file + ": expected text in UTF-8, was something else"));
    } catch (IOException e) {
      throw new PlanFileException(List.of(file + ": expected a readable file, was " + e));
    }
  }

  /** A file's name without folder and extensions. */
  static String name(Path file) {
    Path last = file.getFileName();
    return last == null ? file.toString() : last.toString().replaceFirst("(?<=.)\\..*", "");
  }
}
