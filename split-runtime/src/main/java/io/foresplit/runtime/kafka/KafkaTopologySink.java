package io.foresplit.runtime.kafka;

import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.runtime.TopologySink;

/** Announces placements on Kafka, keyed by job. Thread-safe. */
public final class KafkaTopologySink implements TopologySink {
  private final BoundedPublisher publisher;

  /**
   * Connects; does not wait for the broker.
   *
   * @param bootstrap bootstrap servers
   */
  public KafkaTopologySink(String bootstrap) {
    publisher = BoundedPublisher.connect(Topics.TOPOLOGY, bootstrap, "foresplit-coordinator");
  }

  @Override
  public void announce(SplitTopology topology) {
    publisher.publish(topology.jobId().value(), Codecs.TOPOLOGY.encode(topology));
  }

  @Override
  public void close() {
    publisher.close();
  }
}
