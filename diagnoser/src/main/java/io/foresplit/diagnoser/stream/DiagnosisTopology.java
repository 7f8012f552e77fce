package io.foresplit.diagnoser.stream;

import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.Topics;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.diagnoser.DiagnoserListener;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * The wiring: {@link Topics#SEGMENT_METRICS} and {@link Topics#INCIDENTS} through one processor to
 * {@link Topics#DIAGNOSES}, keyed by job id, with one store that has a changelog.
 */
public final class DiagnosisTopology {
  static final String STORE = "diagnoser-jobs";
  private static final String METRICS = "segment-metrics";
  private static final String INCIDENTS = "incidents";
  private static final String PROCESSOR = "diagnoser";
  private static final String DIAGNOSES = "diagnoses";

  private DiagnosisTopology() {}

  /**
   * Builds the topology.
   *
   * @param planner asked what the step time would be without a cause
   */
  public static Topology build(
      DiagnoserConfig config, PlacementPlanner planner, DiagnoserListener listener) {
    Topology topology = new Topology();
    topology
        .addSource(
            METRICS, new StringDeserializer(), new ByteArrayDeserializer(), Topics.SEGMENT_METRICS)
        .addSource(
            INCIDENTS, new StringDeserializer(), new ByteArrayDeserializer(), Topics.INCIDENTS)
        .addProcessor(
            PROCESSOR, () -> new DiagnosisProcessor(config, planner, listener), METRICS, INCIDENTS)
        .addStateStore(
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray()),
            PROCESSOR)
        .addSink(
            DIAGNOSES,
            Topics.DIAGNOSES,
            new StringSerializer(),
            new ByteArraySerializer(),
            PROCESSOR);
    return topology;
  }
}
