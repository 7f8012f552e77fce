package io.foresplit.app;

import io.foresplit.app.bench.BenchCommand;
import io.foresplit.app.client.ChatCommand;
import io.foresplit.app.client.ExplainCommand;
import io.foresplit.app.evaluate.EvaluateCommand;
import io.foresplit.app.kind.TrainCommand;
import io.foresplit.app.library.RunbookCommand;
import io.foresplit.app.model.ModelCommand;
import io.foresplit.app.objectives.ObjectivesCommand;
import io.foresplit.app.offline.DetectCommand;
import io.foresplit.app.offline.DiagnoseCommand;
import io.foresplit.app.offline.ForecastCommand;
import java.io.PrintWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The program {@code foresplit}. */
@Command(
    name = "foresplit",
    description = {
      "Keeps split-learning training healthy: sees degradation coming, says why, and moves the",
      "model before training suffers."
    },
    mixinStandardHelpOptions = true,
    version = "foresplit 0.1.0-SNAPSHOT",
    subcommands = {
      DemoCommand.class,
      ServeCommand.class,
      CoordinatorCommand.class,
      NodeCommand.class,
      CompressCommand.class,
      EvaluateCommand.class,
      BenchCommand.class,
      TrainCommand.class,
      ProfileCommand.class,
      SplitCommand.class,
      ObjectivesCommand.class,
      ModelCommand.class,
      ForecastCommand.class,
      DetectCommand.class,
      DiagnoseCommand.class,
      RunbookCommand.class,
      ExplainCommand.class,
      ChatCommand.class,
      CommandLine.HelpCommand.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: foresplit demo --fault uplink-fade --seed 7"})
public final class Main {
  static final int FAILURE = 1;
  static final int USAGE = 2;

  /** Kept, for loggers that nobody holds forget their level. Tells of each training in detail. */
  private static final Logger TRIBUO = Logger.getLogger("org.tribuo");

  @Option(
      names = "--verbose",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show stack traces of errors.")
  private boolean verbose;

  private Main() {}

  /** Runs the program and ends the process with its exit code. */
  public static void main(String[] arguments) {
    TRIBUO.setLevel(Level.WARNING);
    System.exit(commandLine().execute(arguments));
  }

  /** The whole command line; commands that fail print one line and never a stack trace. */
  static CommandLine commandLine() {
    Main main = new Main();
    return new CommandLine(main)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::onUsageError)
        .setExecutionExceptionHandler(main::onFailure);
  }

  private static int onUsageError(ParameterException problem, String[] arguments) {
    CommandLine command = problem.getCommandLine();
    PrintWriter error = command.getErr();
    error.println("foresplit: " + oneLine(problem.getMessage()));
    error.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return USAGE;
  }

  private int onFailure(Exception problem, CommandLine command, @Nullable ParseResult parsed) {
    PrintWriter error = command.getErr();
    error.println("foresplit: " + Failures.describe(problem));
    if (verbose) {
      problem.printStackTrace(error);
    }
    return FAILURE;
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "wrong usage" : message.replaceAll("\\s*\\R\\s*", " ");
  }
}
