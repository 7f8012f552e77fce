package io.foresplit.collector;

import io.foresplit.contract.Rejection.Code;
import io.foresplit.contract.SegmentReport;
import java.util.OptionalLong;

/**
 * One report for each node and interval: of records delivered twice, and of two reports of one node
 * for one interval, the first counts. Remembers nothing beyond the open intervals of the ledger,
 * since a report of a closed one is late anyway. Pure and thread-safe.
 */
public final class SampleDeduplicator {
  /** Judges a report against those noted for its interval. */
  public Verdict judge(SegmentReport report, IntervalLedger ledger) {
    OptionalLong sequence = ledger.reported(report.interval(), report.node());
    if (sequence.isEmpty()) {
      return new Verdict.Accepted();
    }
    String what =
        "node " + report.node() + ", interval " + report.interval() + ": expected one report, ";
    return new Verdict.Refused(
        Code.DUPLICATE,
        sequence.getAsLong() == report.sequence()
            ? what + "was sequence " + report.sequence() + " again"
            : what + "was sequence " + report.sequence() + " after " + sequence.getAsLong());
  }
}
