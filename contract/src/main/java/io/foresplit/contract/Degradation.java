package io.foresplit.contract;

/**
 * Of which kind an incident is, as somebody says.
 *
 * @param probability of the kind, in [0, 1]; where it is {@link DegradationKind#UNKNOWN} that of
 *     the likeliest one, too small to name it
 * @param source who says so, with its version, for provenance; empty when nobody did
 */
public record Degradation(DegradationKind kind, double probability, String source) {
  /** Nobody said anything. */
  public static final Degradation UNKNOWN = new Degradation(DegradationKind.UNKNOWN, 0, "");

  public Degradation {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "probability of a kind must be in [0, 1], was " + probability);
    }
  }

  /** Whether a kind is named. */
  public boolean isKnown() {
    return kind != DegradationKind.UNKNOWN;
  }
}
