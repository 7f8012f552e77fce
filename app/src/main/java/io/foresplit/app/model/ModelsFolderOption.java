package io.foresplit.app.model;

import io.foresplit.app.config.ModelsFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says where models are. */
final class ModelsFolderOption {
  @Option(
      names = "--models",
      paramLabel = "DIR",
      description = {
        "Folder of models; FORESPLIT_MODELS by default, else foresplit/models in",
        "XDG_DATA_HOME or ~/.local/share."
      })
  private @Nullable Path folder;

  ModelsFolder folder() {
    return folder == null ? ModelsFolder.of(System.getenv()) : new ModelsFolder(folder);
  }
}
