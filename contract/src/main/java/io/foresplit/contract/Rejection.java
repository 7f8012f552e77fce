package io.foresplit.contract;

/**
 * A record of {@code segment-metrics-rejected}: what was wrong with a report.
 *
 * @param reason what, where, what was expected
 * @param partition and {@code offset}: where the raw record is in {@code segment-reports}
 * @param excerpt first bytes of the raw record, at most {@value #EXCERPT_BYTES}
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out
public record Rejection(Code code, String reason, int partition, long offset, byte[] excerpt) {
  public static final int EXCERPT_BYTES = 256;

  /** Why a report is not used. */
  public enum Code {
    MALFORMED,
    UNKNOWN_JOB,
    UNKNOWN_NODE,
    UNKNOWN_COMPONENT,
    BAD_VALUE,
    DUPLICATE,
    LATE,
    FUTURE,
    STALE_EPOCH,
    TOO_LARGE
  }

  public Rejection {
    excerpt = excerpt.clone();
    if (excerpt.length > EXCERPT_BYTES) {
      throw new IllegalArgumentException(
          "excerpt must be at most " + EXCERPT_BYTES + " bytes, was " + excerpt.length);
    }
  }

  @Override
  public byte[] excerpt() {
    return excerpt.clone();
  }
}
