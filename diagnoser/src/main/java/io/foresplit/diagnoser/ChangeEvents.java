package io.foresplit.diagnoser;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * What people or software changed about a job while trouble began: layers moved, nodes that came
 * and left, a job declared anew. They are facts for those who ask whether one of them is the
 * reason; a ranking has them in it already, for it compares conditions with what was declared and
 * steps with what the placement in force takes. Pure.
 */
final class ChangeEvents {
  /** What a change does shows within this time. */
  private static final Duration NEAR = Duration.ofSeconds(60);

  private ChangeEvents() {}

  /**
   * Clauses such as {@code layers 3-4 were moved from edge to cloud 20 s before the onset}, oldest
   * first; none of what was long before trouble began.
   *
   * @param topologies of the job until its incident, oldest first
   */
  static List<String> near(List<SplitTopology> topologies, Instant onset) {
    List<String> clauses = new ArrayList<>();
    for (int i = 1; i < topologies.size(); i++) {
      SplitTopology after = topologies.get(i);
      Duration before = Duration.between(after.since(), onset);
      if (before.compareTo(NEAR) > 0) {
        continue;
      }
      String changed = String.join(", ", changes(topologies.get(i - 1), after));
      if (!changed.isEmpty()) {
        clauses.add(
            changed
                + " "
                + Words.number(before.abs().toMillis() / 1e3)
                + (before.isNegative() ? " s after the onset" : " s before the onset"));
      }
    }
    return clauses;
  }

  private static List<String> changes(SplitTopology before, SplitTopology after) {
    JobSpec old = before.job();
    JobSpec job = after.job();
    List<String> changes = new ArrayList<>();
    List<NodeId> from = before.placement().nodeOfLayer();
    List<NodeId> to = after.placement().nodeOfLayer();
    if (from.size() == to.size()) {
      changes.addAll(moves(from, to));
    }
    if (old.equals(job)) {
      return changes;
    }
    List<NodeId> were = ids(old.participants());
    List<NodeId> are = ids(job.participants());
    were.stream().filter(n -> !are.contains(n)).forEach(n -> changes.add("node " + n + " left"));
    are.stream().filter(n -> !were.contains(n)).forEach(n -> changes.add("node " + n + " joined"));
    if (!old.model().equals(job.model())) {
      changes.add("the model was changed from " + old.model() + " to " + job.model());
    }
    if (old.batchSize() != job.batchSize()) {
      changes.add("the batch size was changed from " + old.batchSize() + " to " + job.batchSize());
    }
    if (!old.layers().equals(job.layers())) {
      changes.add("the layers were declared anew");
    }
    redeclared(old.participants(), job.participants(), NodeSpec::id)
        .forEach(node -> changes.add("the speed of node " + node + " was declared anew"));
    redeclared(old.links(), job.links(), LinkSpec::id)
        .forEach(link -> changes.add("link " + link + " was declared anew"));
    if (!old.objectives().equals(job.objectives())) {
      changes.add("the objectives were changed");
    }
    return changes;
  }

  private static List<NodeId> ids(List<NodeSpec> nodes) {
    return nodes.stream().map(NodeSpec::id).toList();
  }

  /** What is in both, and not the same. */
  private static <T, K> List<K> redeclared(
      Collection<T> before, Collection<T> after, Function<T, K> id) {
    List<K> names = before.stream().map(id).toList();
    return after.stream()
        .filter(one -> names.contains(id.apply(one)) && !before.contains(one))
        .map(id)
        .toList();
  }

  private static List<String> moves(List<NodeId> from, List<NodeId> to) {
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
    return moves;
  }
}
