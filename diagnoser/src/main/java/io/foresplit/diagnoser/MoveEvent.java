package io.foresplit.diagnoser;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The last move of layers, for people who ask whether it is what changed. Pure. */
final class MoveEvent {
  /** What a move changes shows within this time. */
  private static final Duration NEAR = Duration.ofSeconds(60);

  private MoveEvent() {}

  /**
   * A clause such as {@code layers 3-4 were moved from edge to cloud 20 s before the onset}; empty
   * when the last move was long before trouble began.
   *
   * @param topologies of the job until its incident, oldest first
   */
  static Optional<String> last(List<SplitTopology> topologies, Instant onset) {
    if (topologies.size() < 2) {
      return Optional.empty();
    }
    SplitTopology after = topologies.get(topologies.size() - 1);
    List<NodeId> from = topologies.get(topologies.size() - 2).placement().nodeOfLayer();
    List<NodeId> to = after.placement().nodeOfLayer();
    Duration before = Duration.between(after.since(), onset);
    if (before.compareTo(NEAR) > 0 || from.equals(to) || from.size() != to.size()) {
      return Optional.empty();
    }
    return Optional.of(
        moves(from, to)
            + " "
            + Words.number(before.abs().toMillis() / 1e3)
            + (before.isNegative() ? " s after the onset" : " s before the onset"));
  }

  private static String moves(List<NodeId> from, List<NodeId> to) {
    List<String> moves = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= from.size(); i++) {
      boolean ends =
          i == from.size()
              || !from.get(i).equals(from.get(start))
              || !to.get(i).equals(to.get(start));
      if (ends) {
        if (!from.get(start).equals(to.get(start))) {
          String layers =
              i - start == 1
                  ? "layer " + start + " was"
                  : "layers " + start + "-" + (i - 1) + " were";
          moves.add(layers + " moved from " + from.get(start) + " to " + to.get(start));
        }
        start = i;
      }
    }
    return String.join(", ", moves);
  }
}
