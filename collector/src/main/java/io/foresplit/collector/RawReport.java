package io.foresplit.collector;

import io.foresplit.contract.Rejection;
import io.foresplit.contract.SegmentReport;

/**
 * A report that could be read, and where it came from.
 *
 * @param partition and {@code offset}: in the topic {@code segment-reports}
 * @param recordMillis the record's timestamp, milliseconds since 1970
 * @param excerpt first bytes of the raw record
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never changed
public record RawReport(
    SegmentReport report, int partition, long offset, long recordMillis, byte[] excerpt) {
  Rejection rejected(Verdict.Refused why) {
    return new Rejection(why.code(), why.reason(), partition, offset, excerpt);
  }
}
