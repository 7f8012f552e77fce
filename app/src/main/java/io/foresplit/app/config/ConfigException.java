package io.foresplit.app.config;

import java.util.List;
import java.util.stream.Collectors;

/** All that is wrong with a configuration, found in one go. */
public final class ConfigException extends Exception {
  private final transient List<Problem> problems;

  ConfigException(List<Problem> problems) {
    super(message(problems));
    this.problems = List.copyOf(problems);
  }

  private static String message(List<Problem> problems) {
    return (problems.size() == 1
            ? "the configuration has 1 problem:\n"
            : "the configuration has " + problems.size() + " problems:\n")
        + problems.stream().map(p -> "  " + p).collect(Collectors.joining("\n"));
  }

  public List<Problem> problems() {
    return problems;
  }

  /**
   * One problem.
   *
   * @param key the setting
   * @param where file or environment variable it came from
   * @param expected what would be right
   * @param was what was given; secrets redacted
   */
  public record Problem(String key, String where, String expected, String was) {
    @Override
    public String toString() {
      return key + " (" + where + "): expected " + expected + ", was " + was;
    }
  }
}
