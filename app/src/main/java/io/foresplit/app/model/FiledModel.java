package io.foresplit.app.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A file of the user's; it is copied. */
record FiledModel(String name, Path file, Optional<String> expected) implements ModelSource {
  @Override
  public String fetch(Workspace workspace, Path target, Progress progress) throws IOException {
    try (InputStream input = Files.newInputStream(file)) {
      return HashedCopy.copy(input, target, Files.size(file), progress);
    }
  }
}
