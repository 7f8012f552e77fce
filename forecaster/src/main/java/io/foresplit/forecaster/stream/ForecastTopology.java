package io.foresplit.forecaster.stream;

import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.Topics;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.forecaster.model.KindModel;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * The wiring: {@link Topics#SEGMENT_METRICS} through one processor to {@link Topics#FORECASTS} and
 * {@link Topics#INCIDENTS}, keyed by job id, with one store that has a changelog.
 */
public final class ForecastTopology {
  static final String STORE = "forecaster-jobs";
  static final String FORECASTS = "forecasts";
  static final String INCIDENTS = "incidents";
  private static final String SOURCE = "segment-metrics";
  private static final String PROCESSOR = "forecaster";

  private ForecastTopology() {}

  public static Topology build(
      ForecasterConfig config, PlacementPlanner planner, ForecasterListener listener) {
    ForecastStage stage = new ForecastStage(config, planner).withKinds(KindModel.bundled());
    Topology topology = new Topology();
    topology
        .addSource(
            SOURCE, new StringDeserializer(), new ByteArrayDeserializer(), Topics.SEGMENT_METRICS)
        .addProcessor(PROCESSOR, () -> new ForecastProcessor(stage, listener), SOURCE)
        .addStateStore(
            Stores.keyValueStoreBuilder(
                    Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
                .withCachingEnabled(),
            PROCESSOR)
        .addSink(
            FORECASTS,
            Topics.FORECASTS,
            new StringSerializer(),
            new ByteArraySerializer(),
            PROCESSOR)
        .addSink(
            INCIDENTS,
            Topics.INCIDENTS,
            new StringSerializer(),
            new ByteArraySerializer(),
            PROCESSOR);
    return topology;
  }
}
