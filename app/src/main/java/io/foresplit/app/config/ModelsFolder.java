package io.foresplit.app.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where pulled language models are: {@code FORESPLIT_MODELS}, else {@code foresplit/models} in
 * {@code XDG_DATA_HOME}, else in {@code ~/.local/share}. A model {@code NAME} is the file {@code
 * NAME.gguf}.
 */
public record ModelsFolder(Path path) {
  /** How the smallest model is got, as people are told when one is missing. */
  public static final String ADVICE = "./foresplit model pull smollm2-135m";

  private static final String VARIABLE = "FORESPLIT_MODELS";
  private static final String SUFFIX = ".gguf";
  private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

  /** The folder of an environment; it need not be there. */
  public static ModelsFolder of(Map<String, String> environment) {
    String own = environment.getOrDefault(VARIABLE, "");
    if (!own.isBlank()) {
      return new ModelsFolder(Path.of(own));
    }
    String data = environment.getOrDefault("XDG_DATA_HOME", "");
    // the specification of that variable: what is not absolute is to be ignored
    Path base =
        Path.of(data).isAbsolute()
            ? Path.of(data)
            : Path.of(System.getProperty("user.home"), ".local", "share");
    return new ModelsFolder(base.resolve("foresplit").resolve("models"));
  }

  /** Where a model of that name is, or would be. */
  public Path file(String name) {
    return path.resolve(name + SUFFIX);
  }

  /** The file of a model given by its name or by a path; empty when there is no GGUF file. */
  public Optional<Path> find(String nameOrPath) {
    try {
      return Stream.of(file(nameOrPath), Path.of(nameOrPath))
          .filter(ModelsFolder::isGguf)
          .findFirst();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Names of the models that are there, in order. */
  public List<String> names() throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(ModelsFolder::isGguf)
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX) && name.length() > SUFFIX.length())
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .toList();
    }
  }

  /** Whether a file can be read and begins as GGUF files do. */
  public static boolean isGguf(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream input = Files.newInputStream(file)) {
      return Arrays.equals(input.readNBytes(MAGIC.length), MAGIC);
    } catch (IOException e) {
      return false;
    }
  }
}
