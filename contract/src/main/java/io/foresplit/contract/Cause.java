package io.foresplit.contract;

/** The closed set of causes a diagnosis may name. */
public enum Cause {
  /** The rate of a link towards the cloud falls. Component: link. */
  UPLINK_FADE("uplink-fade"),
  /** The rate of a link towards the data owner falls. Component: link. */
  DOWNLINK_FADE("downlink-fade"),
  /** The delay of a link rises. Component: link. */
  LATENCY_RISE("latency-rise"),
  /** A node computes more slowly than declared. Component: node. */
  NODE_SLOWDOWN("node-slowdown"),
  /** Labels change their meaning or mix. Component: the data owner. */
  LABEL_DRIFT("label-drift"),
  /** Inputs change their distribution. Component: the data owner. */
  FEATURE_DRIFT("feature-drift"),
  /** Optimisation diverges. Component: job. */
  EXPLODING_GRADIENTS("exploding-gradients"),
  /** A node is silent. Component: node. */
  NODE_LOSS("node-loss"),
  /** Layers of a node are as of earlier steps. Component: node. */
  STALE_WEIGHTS("stale-weights"),
  /** What layers of a node put out is damaged. Component: node. */
  CORRUPTED_ACTIVATIONS("corrupted-activations");

  private final String label;

  Cause(String label) {
    this.label = label;
  }

  /** Name for people, files and command lines. */
  public String label() {
    return label;
  }

  /** Whether moving layers can help. */
  public boolean isCuredByMoving() {
    return switch (this) {
      case UPLINK_FADE, DOWNLINK_FADE, LATENCY_RISE, NODE_SLOWDOWN, NODE_LOSS -> true;
      case LABEL_DRIFT, FEATURE_DRIFT, EXPLODING_GRADIENTS, STALE_WEIGHTS, CORRUPTED_ACTIVATIONS ->
          false;
    };
  }

  /** Of which kind of degradation it is. */
  public DegradationKind kind() {
    return switch (this) {
      case UPLINK_FADE, DOWNLINK_FADE, LATENCY_RISE -> DegradationKind.COMMUNICATION;
      case NODE_SLOWDOWN -> DegradationKind.RESOURCE;
      case LABEL_DRIFT, FEATURE_DRIFT, EXPLODING_GRADIENTS, STALE_WEIGHTS, CORRUPTED_ACTIVATIONS ->
          DegradationKind.MODEL_DRIFT;
      case NODE_LOSS -> DegradationKind.NODE_LOSS;
    };
  }
}
