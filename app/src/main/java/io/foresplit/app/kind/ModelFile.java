package io.foresplit.app.kind;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a command puts the model that it trains. */
final class ModelFile {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Where the model goes.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Path file;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  /** A file that can be written. */
  Path checked() {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
      throw new ParameterException(
          spec.commandLine(), "--out must be a file in a folder that there is, was " + file);
    }
    return file;
  }
}
