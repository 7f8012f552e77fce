package io.foresplit.bench.scenario;

import java.util.List;

/** A scenario file that cannot be used, with everything that is wrong with it. */
public final class ScenarioFileException extends Exception {
  private final transient List<String> problems;

  ScenarioFileException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line each: {@code file:line key: expected …, was …}. */
  public List<String> problems() {
    return problems;
  }
}
