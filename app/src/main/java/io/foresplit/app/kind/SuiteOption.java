package io.foresplit.app.kind;

import io.foresplit.bench.scenario.Suite;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which suite a command judges on. */
final class SuiteOption {
  @Option(
      names = "--suite",
      paramLabel = "SUITE",
      description = "quick (default), standard, full or training.")
  private String name = Suite.QUICK.label();

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  Suite suite() {
    try {
      return Suite.ofLabel(name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }
}
