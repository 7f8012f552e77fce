package io.foresplit.diagnoser;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What people or software changed about a job while trouble began: layers moved, nodes that came
 * and left, deploys, a job declared anew. They are facts for those who ask whether one of them is
 * the reason. Moves speak for no cause: conditions are compared with what was declared, and steps
 * with what the placement in force takes. Pure.
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
      if (!isNear(after, onset)) {
        continue;
      }
      Duration before = Duration.between(after.since(), onset);
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

  /** Nodes of another version or speed and links declared anew, not long before trouble began. */
  static Set<ComponentId> changed(List<SplitTopology> topologies, Instant onset) {
    Set<ComponentId> changed = new HashSet<>();
    for (int i = 1; i < topologies.size(); i++) {
      if (isNear(topologies.get(i), onset)) {
        JobSpec before = topologies.get(i - 1).job();
        JobSpec after = topologies.get(i).job();
        changed.addAll(links(before, after));
        after.participants().stream()
            .filter(
                node ->
                    same(before.participants(), node, NodeSpec::id)
                        .filter(was -> !changes(was, node).isEmpty())
                        .isPresent())
            .forEach(node -> changed.add(ComponentId.of(node.id())));
      }
    }
    return changed;
  }

  private static boolean isNear(SplitTopology topology, Instant onset) {
    return Duration.between(topology.since(), onset).compareTo(NEAR) <= 0;
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
    for (NodeSpec node : job.participants()) {
      same(old.participants(), node, NodeSpec::id)
          .ifPresent(was -> changes.addAll(changes(was, node)));
    }
    links(old, job).forEach(link -> changes.add("link " + link + " was declared anew"));
    if (!old.objectives().equals(job.objectives())) {
      changes.add("the objectives were changed");
    }
    return changes;
  }

  private static List<NodeId> ids(List<NodeSpec> nodes) {
    return nodes.stream().map(NodeSpec::id).toList();
  }

  private static List<String> changes(NodeSpec before, NodeSpec after) {
    List<String> changes = new ArrayList<>();
    if (isDeploy(before, after)) {
      changes.add(
          "node "
              + after.id()
              + " went from version "
              + before.version()
              + " to "
              + after.version());
    }
    if (before.speed() != after.speed()) {
      changes.add("the speed of node " + after.id() + " was declared anew");
    }
    return changes;
  }

  /** One that was only now declared tells of no deploy. */
  private static boolean isDeploy(NodeSpec before, NodeSpec after) {
    return !before.version().isEmpty()
        && !after.version().isEmpty()
        && !before.version().equals(after.version());
  }

  private static List<ComponentId> links(JobSpec before, JobSpec after) {
    return after.links().stream()
        .filter(
            link ->
                same(before.links(), link, LinkSpec::id)
                    .filter(was -> !was.equals(link))
                    .isPresent())
        .map(LinkSpec::id)
        .toList();
  }

  private static <T, K> Optional<T> same(Collection<T> before, T after, Function<T, K> id) {
    return before.stream().filter(was -> id.apply(was).equals(id.apply(after))).findFirst();
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
