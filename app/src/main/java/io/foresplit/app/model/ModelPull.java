package io.foresplit.app.model;

import io.foresplit.app.config.ModelsFolder;
import io.foresplit.app.config.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Brings models into their folder: whole and verified, or not at all. */
final class ModelPull {
  /**
   * A model that is there.
   *
   * @param fetched whether it was not before
   */
  record Pulled(Path file, String sha256, boolean fetched) {}

  private final ModelsFolder folder;
  private final Progress progress;

  ModelPull(ModelsFolder folder, Progress progress) {
    this.folder = folder;
    this.progress = progress;
  }

  /**
   * Fetches a model unless it is there.
   *
   * @throws StartupException when it cannot be had, or is not what it should be
   */
  Pulled pull(ModelSource source) throws InterruptedException {
    try {
      return pullInto(folder.file(source.name()), source);
    } catch (IOException e) {
      throw new StartupException(
          "cannot put "
              + source.name()
              + " into "
              + folder.path()
              + " ("
              + e.getClass().getSimpleName()
              + "): "
              + e.getMessage(),
          e);
    }
  }

  private Pulled pullInto(Path file, ModelSource source) throws IOException, InterruptedException {
    if (Files.exists(file)) {
      String sum = HashedCopy.hashOf(file);
      check(source, sum, file + " is there, but ", "; delete it to pull it again");
      return new Pulled(file, sum, false);
    }
    try (Workspace workspace = Workspace.in(folder)) {
      Path fetched = workspace.path().resolve("model.gguf");
      String sum = source.fetch(workspace, fetched, progress);
      check(source, sum, source.name() + " was fetched, but ", "; nothing was kept");
      if (!ModelsFolder.isGguf(fetched)) {
        throw new StartupException(
            source.name() + " is not a GGUF file: it does not begin with 'GGUF'; nothing was kept");
      }
      Files.move(fetched, file, StandardCopyOption.ATOMIC_MOVE);
      return new Pulled(file, sum, true);
    }
  }

  private static void check(ModelSource source, String sum, String before, String after) {
    if (!source.expected().map(sum::equals).orElse(true)) {
      throw new StartupException(
          before
              + "its SHA-256 is "
              + sum
              + ", expected "
              + source.expected().orElseThrow()
              + after);
    }
  }
}
