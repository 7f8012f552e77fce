package io.foresplit.app.model;

import picocli.CommandLine.Command;

/** Language models on this machine. */
@Command(
    name = "model",
    description = {
      "Fetch and list language models that run on this machine, in a child process of",
      "the service (docs/language-models.md)."
    },
    mixinStandardHelpOptions = true,
    subcommands = {PullCommand.class, ListCommand.class},
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: foresplit model pull smollm2-135m"})
public final class ModelCommand {
  ModelCommand() {}
}
