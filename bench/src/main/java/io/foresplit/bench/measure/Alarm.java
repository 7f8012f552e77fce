package io.foresplit.bench.measure;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One incident as it was raised, or a further objective that it has put at risk since.
 *
 * @param openedSeconds since the start of the job
 * @param resolvedSeconds null while it is open
 * @param ranked candidates of its first diagnosis, most probable first; empty when that abstained
 *     or there was none
 * @param path components that its first diagnosis says the fault went through, in order; empty when
 *     it says nothing
 */
public record Alarm(
    double openedSeconds,
    @Nullable Double resolvedSeconds,
    List<Candidate> ranked,
    List<String> path) {
  public Alarm {
    ranked = List.copyOf(ranked);
    path = List.copyOf(path);
  }

  /** A candidate of a diagnosis, by its labels. */
  public record Candidate(String component, String cause, double probability) {}
}
