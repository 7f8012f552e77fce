package io.foresplit.app.config;

import java.nio.file.Path;
import java.util.List;

/**
 * What the diagnoser is told.
 *
 * @param runbooks folders with runbooks of users
 */
public record DiagnosisConfig(List<Path> runbooks) {
  public DiagnosisConfig {
    runbooks = List.copyOf(runbooks);
  }
}
