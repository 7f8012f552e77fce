package io.foresplit.runtime.plan;

import java.nio.file.Path;
import java.util.List;

/** A profile or network file that cannot be used. The message is one line. */
public final class PlanFileException extends Exception {
  private final transient List<String> problems;

  PlanFileException(List<String> problems) {
    super(
        problems.get(0).replaceAll("\\s+", " ")
            + (problems.size() > 1 ? " (and " + (problems.size() - 1) + " more)" : ""));
    this.problems = List.copyOf(problems);
  }

  PlanFileException(Path file, int line, String reason) {
    this(List.of(file + ":" + line + ": " + reason));
  }

  /** One line each, with file, line and reason. */
  public List<String> problems() {
    return problems;
  }
}
