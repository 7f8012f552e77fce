package io.foresplit.contract.jobfile;

import java.util.List;

/** A job file that cannot be used, with everything that is wrong with it. */
public final class JobFileException extends Exception {
  private final transient List<String> problems;

  JobFileException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line each: {@code file:line key: expected …, was …}. */
  public List<String> problems() {
    return problems;
  }
}
