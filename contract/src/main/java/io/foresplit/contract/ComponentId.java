package io.foresplit.contract;

/**
 * What a metric, a cause or a fault is about: a node ({@code edge}), a directed link ({@code
 * device->edge}), or the job as a whole ({@code job}).
 */
public record ComponentId(String value) implements Comparable<ComponentId> {
  /** The job as a whole: step time, step rate, loss. */
  public static final ComponentId JOB = new ComponentId("job");

  private static final String ARROW = "->";

  public ComponentId {
    int arrow = value.indexOf(ARROW);
    if (arrow < 0) {
      Names.require("component", value);
    } else {
      Names.require("component", value.substring(0, arrow));
      Names.require("component", value.substring(arrow + ARROW.length()));
    }
  }

  public static ComponentId of(NodeId node) {
    return new ComponentId(node.value());
  }

  public static ComponentId link(NodeId from, NodeId to) {
    return new ComponentId(from.value() + ARROW + to.value());
  }

  public boolean isLink() {
    return value.contains(ARROW);
  }

  /** The sending end of a link; the node itself otherwise. */
  public NodeId from() {
    return new NodeId(isLink() ? value.substring(0, value.indexOf(ARROW)) : value);
  }

  /** The receiving end of a link; the node itself otherwise. */
  public NodeId to() {
    return new NodeId(isLink() ? value.substring(value.indexOf(ARROW) + ARROW.length()) : value);
  }

  @Override
  public int compareTo(ComponentId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
