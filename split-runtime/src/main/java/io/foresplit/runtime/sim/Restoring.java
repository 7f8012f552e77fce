package io.foresplit.runtime.sim;

/**
 * How training outlives a node in virtual time, as by docs/recovery.md: the node is found dead, and
 * training goes on without it from the last step of which there are replicas.
 *
 * @param detectSeconds from a node's death until it is known
 * @param restoreSeconds from then until steps go on, beyond what the state of layers takes over the
 *     links
 * @param everySteps training goes back to the last multiple of it
 */
public record Restoring(double detectSeconds, double restoreSeconds, int everySteps) {
  public Restoring {
    requireSeconds("detectSeconds", detectSeconds);
    requireSeconds("restoreSeconds", restoreSeconds);
    if (everySteps < 1) {
      throw new IllegalArgumentException("everySteps must be at least 1, was " + everySteps);
    }
  }

  /**
   * As measured on a LeNet with heartbeats of 300 ms on two cores: 0.92 s until a death is known,
   * 0.19 s until steps go on, of which the state takes about a half (docs/recovery.md).
   */
  public static Restoring usual() {
    return new Restoring(0.92, 0.1, 20);
  }

  private static void requireSeconds(String what, double seconds) {
    if (!(seconds >= 0 && seconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " must be finite and at least 0, was " + seconds);
    }
  }
}
