package io.foresplit.bench.scenario;

import io.foresplit.bench.measure.Truth;
import io.foresplit.contract.ComponentId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a file says is true of a fault, instead of what would be derived.
 *
 * @param cause label of a cause, or {@value #NO_CAUSE} where no word of the vocabulary is right
 * @param onsetSeconds since the start of the job
 * @param breachSeconds when an objective is breached while nobody does anything
 * @param path empty for the derived one
 */
record StatedTruth(
    Optional<ComponentId> component,
    Optional<String> cause,
    OptionalDouble onsetSeconds,
    OptionalDouble breachSeconds,
    List<ComponentId> path) {
  static final String NO_CAUSE = "none";

  StatedTruth {
    path = List.copyOf(path);
  }

  /** What is derived, with what is stated in its place. */
  Truth over(Truth derived) {
    String named = cause.orElse("");
    return new Truth(
        derived.kind(),
        component.map(ComponentId::value).orElse(derived.component()),
        cause.isEmpty() ? derived.cause() : named.equals(NO_CAUSE) ? null : named,
        onsetSeconds.orElse(derived.onsetSeconds()),
        derived.endSeconds(),
        breachSeconds.isPresent()
            ? Double.valueOf(breachSeconds.getAsDouble())
            : derived.breachSeconds(),
        path.isEmpty() ? derived.path() : path.stream().map(ComponentId::value).toList());
  }
}
