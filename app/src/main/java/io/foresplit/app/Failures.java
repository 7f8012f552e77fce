package io.foresplit.app;

import io.foresplit.app.config.ConfigException;
import io.foresplit.app.config.StartupException;
import io.foresplit.contract.jobfile.JobFileException;
import java.io.IOException;

/** What people are told of an exception. */
final class Failures {
  private Failures() {}

  /** Expected failures speak for themselves; anything else is a bug and says so. */
  static String describe(Throwable problem) {
    String message = problem.getMessage();
    if (message != null
        && (problem instanceof StartupException
            || problem instanceof ConfigException
            || problem instanceof JobFileException
            || problem instanceof IOException)) {
      return message;
    }
    return "internal error: "
        + problem.getClass().getSimpleName()
        + (message == null ? "" : ": " + message.lines().findFirst().orElse(""))
        + " (run with --verbose for the stack trace)";
  }
}
