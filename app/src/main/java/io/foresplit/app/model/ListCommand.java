package io.foresplit.app.model;

import io.foresplit.app.config.ModelsFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Which models are there, and which can be pulled by their name. */
@Command(
    name = "list",
    description = "List the models that are there, and those that can be pulled by name.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit model list"})
final class ListCommand implements Callable<Integer> {
  private static final String ROW = "%-24s %9s  %s%n";

  @Mixin private final ModelsFolderOption models = new ModelsFolderOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ModelsFolder folder = models.folder();
    List<String> names = folder.names();
    for (String name : names) {
      out.printf(
          Locale.ROOT,
          ROW,
          name,
          Megabytes.of(Files.size(folder.file(name))),
          folder.file(name).toAbsolutePath());
    }
    for (KnownModel known : KnownModel.all()) {
      if (!names.contains(known.name())) {
        out.printf(
            Locale.ROOT,
            ROW,
            known.name(),
            "-",
            "not there; ./foresplit model pull " + known.name() + " (" + known.words() + ")");
      }
    }
    out.flush();
    return 0;
  }
}
