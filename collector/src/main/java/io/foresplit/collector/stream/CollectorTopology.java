package io.foresplit.collector.stream;

import io.foresplit.collector.CollectorConfig;
import io.foresplit.collector.CollectorEvent;
import io.foresplit.collector.CollectorListener;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The wiring: {@link Topics#SEGMENT_REPORTS}, keyed anew by job through an internal topic, and
 * {@link Topics#TOPOLOGY} through one processor a job to {@link Topics#SEGMENT_METRICS} and {@link
 * Topics#SEGMENT_METRICS_REJECTED}. {@link CollectorConfig#partitions} has to be the partition
 * count of {@link Topics#TOPOLOGY}, so that one task owns a job.
 */
public final class CollectorTopology {
  static final String TOPOLOGIES = "collector-topologies";
  static final String LEDGERS = "collector-ledgers";

  /** Key of rejections whose job could not be read. */
  static final String NO_JOB = "unknown";

  private static final Serde<String> KEY = Serdes.String();
  private static final Serde<byte[]> BYTES = Serdes.ByteArray();

  /** Producers may leave the timestamp out, which Kafka Streams would stop for. */
  private static final TimestampExtractor AT_LEAST_ZERO =
      (record, partitionTime) -> Math.max(0, record.timestamp());

  private CollectorTopology() {}

  /** The collector as a topology, with persistent stores and changelogs. */
  public static Topology build(CollectorConfig config, CollectorListener listener) {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, IntakeProcessor.Outcome> intake =
        builder.stream(
                Topics.SEGMENT_REPORTS,
                Consumed.with(BYTES, BYTES)
                    .withTimestampExtractor(AT_LEAST_ZERO)
                    .withName("segment-reports"))
            .process(IntakeProcessor::new, Named.as("intake"));
    intake
        .flatMapValues(
            outcome ->
                outcome instanceof IntakeProcessor.Outcome.Refused unreadable
                    ? List.of(heard(listener, unreadable))
                    : List.<byte[]>of())
        .to(Topics.SEGMENT_METRICS_REJECTED, Produced.with(KEY, BYTES));

    KStream<String, CollectorInput> reports =
        intake
            .flatMapValues(
                outcome ->
                    outcome instanceof IntakeProcessor.Outcome.Report readable
                        ? List.of(readable.envelope())
                        : List.<byte[]>of())
            .repartition(
                Repartitioned.with(KEY, BYTES)
                    .withName("reports-by-job")
                    .withNumberOfPartitions(config.partitions()))
            .mapValues(CollectorInput.Reported::new);
    KStream<String, CollectorInput> topologies =
        builder.stream(
                Topics.TOPOLOGY,
                Consumed.with(KEY, BYTES)
                    .withTimestampExtractor(AT_LEAST_ZERO)
                    .withName("topology"))
            .mapValues(CollectorInput.Announced::new);

    builder.addStateStore(store(TOPOLOGIES));
    builder.addStateStore(store(LEDGERS));
    KStream<String, CollectorEvent> events =
        topologies
            .merge(reports)
            .process(
                () -> new JobProcessor(config, listener),
                Named.as("collector"),
                TOPOLOGIES,
                LEDGERS);
    events
        .flatMapValues(
            event ->
                event instanceof CollectorEvent.Emitted emitted
                    ? List.of(Codecs.JOB_RECORD.encode(emitted.record()))
                    : List.<byte[]>of())
        .to(Topics.SEGMENT_METRICS, Produced.with(KEY, BYTES));
    events
        .flatMapValues(
            event ->
                event instanceof CollectorEvent.Rejected rejected
                    ? List.of(Codecs.REJECTION.encode(rejected.rejection()))
                    : List.<byte[]>of())
        .to(Topics.SEGMENT_METRICS_REJECTED, Produced.with(KEY, BYTES));
    return builder.build();
  }

  private static byte[] heard(
      CollectorListener listener, IntakeProcessor.Outcome.Refused unreadable) {
    listener.rejected(unreadable.rejection().code());
    return Codecs.REJECTION.encode(unreadable.rejection());
  }

  private static StoreBuilder<?> store(String name) {
    return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), KEY, BYTES);
  }
}
