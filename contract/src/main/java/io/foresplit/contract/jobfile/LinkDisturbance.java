package io.foresplit.contract.jobfile;

/**
 * What a link does to packets besides carrying them, where no trace says otherwise.
 *
 * @param jitterSeconds the delay of a message is uniform within this distance of the link's delay
 * @param loss share of packets lost, in [0, {@value #MAX_LOSS}]
 */
public record LinkDisturbance(double jitterSeconds, double loss) {
  /** With more, no transport gets anything through in a useful time. */
  public static final double MAX_LOSS = 0.5;

  public LinkDisturbance {
    if (!(jitterSeconds >= 0 && jitterSeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "jitterSeconds must be finite and at least 0, was " + jitterSeconds);
    }
    if (!(loss >= 0 && loss <= MAX_LOSS)) {
      throw new IllegalArgumentException("loss must be in [0, " + MAX_LOSS + "], was " + loss);
    }
  }
}
