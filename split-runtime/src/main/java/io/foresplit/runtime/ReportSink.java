package io.foresplit.runtime;

import io.foresplit.contract.SegmentReport;

/** Takes what a node reports. Never blocks and never throws: training does not wait for it. */
public interface ReportSink extends AutoCloseable {
  void send(SegmentReport report);

  @Override
  void close();
}
