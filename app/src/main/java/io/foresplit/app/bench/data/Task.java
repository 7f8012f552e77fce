package io.foresplit.app.bench.data;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What is measured. */
enum Task {
  DETECTION("detection"),
  ROOT_CAUSE("root-cause"),
  /** Needs no data. */
  SHOP("shop"),
  FORECAST("forecast"),
  PLANNING("planning"),
  TELEMETRY("telemetry");

  private final String label;

  Task(String label) {
    this.label = label;
  }

  /** The task with a name on the command line. */
  static Task ofLabel(String label) {
    return Arrays.stream(values())
        .filter(task -> task.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--only must be one of "
                        + Arrays.stream(values())
                            .map(task -> task.label)
                            .collect(Collectors.joining(", "))
                        + ", was '"
                        + label
                        + "'"));
  }
}
