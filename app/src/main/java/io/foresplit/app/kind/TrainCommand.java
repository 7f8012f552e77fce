package io.foresplit.app.kind;

import picocli.CommandLine.Command;

/** Models of this program, made anew. */
@Command(
    name = "train",
    description = "Train a model of this program on tuning scenarios.",
    mixinStandardHelpOptions = true,
    subcommands = {TrainCausesCommand.class, TrainKindsCommand.class, TrainRegressionCommand.class},
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: foresplit train kinds --out kinds.tribuo"})
public final class TrainCommand {
  TrainCommand() {}
}
