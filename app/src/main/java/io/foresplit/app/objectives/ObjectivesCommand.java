package io.foresplit.app.objectives;

import picocli.CommandLine.Command;

/** What a job is to keep to. */
@Command(
    name = "objectives",
    description = "Propose objectives of a job from its own healthy data.",
    mixinStandardHelpOptions = true,
    subcommands = SuggestCommand.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: foresplit objectives suggest fashion-mnist"})
public final class ObjectivesCommand {
  ObjectivesCommand() {}
}
