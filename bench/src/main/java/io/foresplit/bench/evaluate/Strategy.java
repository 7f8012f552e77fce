package io.foresplit.bench.evaluate;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Who looks after a job. */
public enum Strategy {
  /** Nobody: what would be. Gives the unprotected breach. */
  NONE("none"),
  /** A static threshold: alarms when an objective is breached, moves to what is best just then. */
  REACTIVE("reactive"),
  /** This product, by the service's own code and configuration. */
  PROACTIVE("proactive"),
  /** Alarms, names causes and moves at random. */
  RANDOM("random"),
  /** A static threshold: stops training, restarts it from the last checkpoint where it is best. */
  RESTART("restart"),
  /** Knows what strikes and when, and moves at once to what is best for it. */
  ORACLE("oracle");

  private final String label;

  Strategy(String label) {
    this.label = label;
  }

  /** Name for people, files and command lines. */
  public String label() {
    return label;
  }

  /**
   * Whether the runtime beneath keeps replicas and brings layers of a dead node back by itself. It
   * does for all who work by moving layers, so that they differ in maintenance alone; without
   * anybody, and beneath checkpoint and restart, training waits for the node.
   */
  boolean restores() {
    return this != NONE && this != RESTART;
  }

  /** The strategy with a label. */
  public static Strategy ofLabel(String label) {
    return Arrays.stream(values())
        .filter(strategy -> strategy.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "strategy must be one of "
                        + Arrays.stream(values())
                            .map(Strategy::label)
                            .collect(Collectors.joining(", "))
                        + ", was '"
                        + label
                        + "'"));
  }
}
