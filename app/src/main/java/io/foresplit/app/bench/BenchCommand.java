package io.foresplit.app.bench;

import io.foresplit.app.bench.data.DataCommand;
import io.foresplit.app.bench.pipeline.PipelineCommand;
import io.foresplit.app.bench.runtime.RuntimeCommand;
import io.foresplit.app.kind.BenchDiagnosesCommand;
import io.foresplit.app.kind.BenchKindsCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Measurements; each is a subcommand. */
@Command(
    name = "bench",
    description = {"Measure this program on this machine."},
    mixinStandardHelpOptions = true,
    subcommands = {
      ModelsCommand.class,
      CompressionCommand.class,
      ModesCommand.class,
      RuntimeCommand.class,
      DataCommand.class,
      BenchDiagnosesCommand.class,
      BenchKindsCommand.class,
      PipelineCommand.class,
      CommandLine.HelpCommand.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: foresplit bench models"})
public final class BenchCommand {}
