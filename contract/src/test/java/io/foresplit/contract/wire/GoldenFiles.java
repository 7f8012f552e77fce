package io.foresplit.contract.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Writes the golden files of the current wire version; run once for each new example, from the
 * module's folder. An existing file is never overwritten: records in Kafka look like it.
 */
final class GoldenFiles {
  static final Path FOLDER = Path.of("src/test/resources/golden/v1");

  private GoldenFiles() {}

  static Path of(String name) {
    return FOLDER.resolve(name + ".bin");
  }

  public static void main(String[] arguments) throws IOException {
    Files.createDirectories(FOLDER);
    for (Map.Entry<String, Examples.Example<?>> example : Examples.all().entrySet()) {
      Path file = of(example.getKey());
      if (!Files.exists(file)) {
        Files.write(file, example.getValue().bytes());
      }
    }
  }
}
