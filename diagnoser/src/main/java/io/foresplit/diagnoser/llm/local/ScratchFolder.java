package io.foresplit.diagnoser.llm.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A flat folder of one child, where native libraries are unpacked. */
final class ScratchFolder {
  private ScratchFolder() {}

  static Path create() throws IOException {
    return Files.createTempDirectory("foresplit-llm-");
  }

  /** As far as it goes: both sides do so, and either may be the first. */
  static void delete(Path folder) {
    try {
      List<Path> files;
      try (Stream<Path> listed = Files.list(folder)) {
        files = listed.toList();
      }
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // gone already, or left to the operating system
    }
  }
}
