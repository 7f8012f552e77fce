package io.foresplit.runtime.kafka;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.runtime.ReportSink;

/** Sends reports to Kafka, keyed by node. Thread-safe. */
public final class KafkaReportSink implements ReportSink {
  private final BoundedPublisher publisher;

  /**
   * Connects; does not wait for the broker.
   *
   * @param bootstrap bootstrap servers
   */
  public KafkaReportSink(String bootstrap, NodeId node) {
    publisher =
        BoundedPublisher.connect(Topics.SEGMENT_REPORTS, bootstrap, "foresplit-node-" + node);
  }

  @Override
  public void send(SegmentReport report) {
    publisher.publish(report.node().value(), Codecs.SEGMENT_REPORT.encode(report));
  }

  @Override
  public void close() {
    publisher.close();
  }
}
