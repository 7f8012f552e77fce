package io.foresplit.bench.measure;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is true of one fault.
 *
 * @param kind label of the fault
 * @param component struck
 * @param cause label of the cause a diagnosis ought to name; null where its vocabulary has no word
 *     for it, so that no answer is right
 * @param onsetSeconds since the start of the job
 * @param endSeconds when it is over, or the end of the run
 * @param breachSeconds when an objective is breached while nobody does anything; null when none is
 * @param path components in the order in which the fault reaches the objective, the struck one
 *     first, the job last
 */
public record Truth(
    String kind,
    String component,
    @Nullable String cause,
    double onsetSeconds,
    double endSeconds,
    @Nullable Double breachSeconds,
    List<String> path) {
  public Truth {
    path = List.copyOf(path);
  }
}
