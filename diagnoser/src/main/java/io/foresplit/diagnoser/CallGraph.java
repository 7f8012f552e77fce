package io.foresplit.diagnoser;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who calls whom in a system of any kind. Immutable.
 *
 * @param calls without order; calls to itself say nothing
 */
public record CallGraph(List<Call> calls) {
  /** Nothing is known of who calls whom. */
  public static final CallGraph UNKNOWN = new CallGraph(List.of());

  public CallGraph {
    calls = List.copyOf(calls);
  }

  /**
   * One edge.
   *
   * @param from the caller, which suffers when the callee does
   * @param to the callee
   */
  public record Call(String from, String to) {
    public Call {
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
    }
  }

  /** Those that somebody else calls. */
  Set<String> called() {
    return calls.stream()
        .filter(c -> !c.from().equals(c.to()))
        .map(Call::to)
        .collect(Collectors.toSet());
  }
}
