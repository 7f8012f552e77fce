package io.foresplit.contract;

/** Which kind of degradation an incident is, coarser than a {@link Cause}. */
public enum DegradationKind {
  /** Nobody said, or nobody was certain enough to. */
  UNKNOWN("unknown"),
  /** What crosses the network takes longer than it ought to. */
  COMMUNICATION("communication"),
  /** A machine gives less than it ought to. */
  RESOURCE("resource"),
  /** What is learnt goes wrong: data, gradients, weights or activations. */
  MODEL_DRIFT("model-drift"),
  /** A node is gone. */
  NODE_LOSS("node-loss");

  private final String label;

  DegradationKind(String label) {
    this.label = label;
  }

  /** Name for people, files and command lines. */
  public String label() {
    return label;
  }
}
