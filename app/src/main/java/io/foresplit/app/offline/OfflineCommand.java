package io.foresplit.app.offline;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command on files: what cannot be used is one line and exit code 2. */
abstract class OfflineCommand implements Callable<Integer> {
  static final int USAGE = 2;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  OfflineCommand() {}

  @Override
  public final Integer call() throws IOException {
    try {
      run();
      return 0;
    } catch (InputException | IllegalArgumentException e) {
      error("foresplit: " + e.getMessage());
      return USAGE;
    } finally {
      out().flush();
    }
  }

  abstract void run() throws InputException, IOException;

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** One line of what was met, beside the result. */
  final void note(String line) {
    error("foresplit: note: " + line);
  }

  private void error(String line) {
    spec.commandLine().getErr().println(line);
    spec.commandLine().getErr().flush();
  }
}
