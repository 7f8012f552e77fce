package io.foresplit.collector;

import io.foresplit.contract.Rejection;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads raw bytes, within bounds. Everything after it is of bounded size. Stateless. */
public final class ReportIntake {
  /** Largest raw record, in bytes. */
  public static final int LARGEST_RECORD = 1 << 20;

  /** Most samples of one report. */
  public static final int MOST_SAMPLES = 512;

  private ReportIntake() {}

  /** What became of raw bytes. */
  public sealed interface Result {
    /** They are a report. */
    record Read(SegmentReport report) implements Result {}

    /** They are not, and why. */
    record Unusable(Verdict.Refused why) implements Result {}
  }

  /** Reads a record's value, which is null for a tombstone. */
  public static Result read(byte @Nullable [] raw) {
    if (raw == null) {
      return unusable(Rejection.Code.MALFORMED, "expected a segment report, was an empty record");
    }
    if (raw.length > LARGEST_RECORD) {
      return unusable(
          Rejection.Code.TOO_LARGE,
          "expected at most " + LARGEST_RECORD + " bytes, was " + raw.length);
    }
    try {
      SegmentReport report = Codecs.SEGMENT_REPORT.decode(raw);
      return report.samples().size() > MOST_SAMPLES
          ? unusable(
              Rejection.Code.TOO_LARGE,
              "expected at most " + MOST_SAMPLES + " samples, was " + report.samples().size())
          : new Result.Read(report);
    } catch (MalformedRecordException e) {
      return unusable(Rejection.Code.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  /** First bytes of a record, as a rejection keeps them. */
  public static byte[] excerpt(byte @Nullable [] raw) {
    return raw == null
        ? new byte[0]
        : Arrays.copyOf(raw, Math.min(raw.length, Rejection.EXCERPT_BYTES));
  }

  private static Result unusable(Rejection.Code code, String reason) {
    return new Result.Unusable(new Verdict.Refused(code, reason));
  }
}
