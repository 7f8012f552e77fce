package io.foresplit.app.kafka;

import io.foresplit.app.view.RecordSink;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codec;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topics that people look at, from some history on, and hands each record to every sink
 * on one thread. Only committed records are shown. It belongs to no consumer group and changes
 * nothing. A sink that throws is logged and goes on.
 */
public final class ViewFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ViewFeed.class);
  private static final Duration POLL = Duration.ofMillis(200);

  private record Route<T>(Codec<T> codec, BiConsumer<RecordSink, Keyed<T>> hand) {
    void pass(byte @Nullable [] key, byte[] value, List<RecordSink> sinks)
        throws MalformedRecordException {
      Keyed<T> record = new Keyed<>(key, codec.decode(value));
      for (RecordSink sink : sinks) {
        hand.accept(sink, record);
      }
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // lives for one call
  private record Keyed<T>(byte @Nullable [] key, T value) {
    JobId job() {
      return new JobId(key == null ? "" : new String(key, StandardCharsets.UTF_8));
    }
  }

  private static final Map<String, Route<?>> ROUTES =
      Map.of(
          Topics.TOPOLOGY,
          new Route<>(Codecs.TOPOLOGY, (sink, r) -> sink.on(r.value())),
          Topics.SEGMENT_METRICS,
          new Route<>(Codecs.JOB_RECORD, (sink, r) -> sink.on(r.value())),
          Topics.FORECASTS,
          new Route<>(Codecs.FORECAST, (sink, r) -> sink.on(r.job(), r.value())),
          Topics.INCIDENTS,
          new Route<>(Codecs.INCIDENT, (sink, r) -> sink.on(r.value())),
          Topics.DIAGNOSES,
          new Route<>(Codecs.DIAGNOSIS, (sink, r) -> sink.on(r.value())),
          Topics.ACTION_JOURNAL,
          new Route<>(Codecs.JOURNAL_ENTRY, (sink, r) -> sink.on(r.value())),
          Topics.OUTCOMES,
          new Route<>(Codecs.OUTCOME, (sink, r) -> sink.on(r.value())),
          Topics.SEGMENT_METRICS_REJECTED,
          new Route<>(Codecs.REJECTION, (sink, r) -> sink.on(r.value())));

  /** Read from the beginning of their retention: few records, and all of them matter. */
  private static final Set<String> WHOLE =
      Set.of(
          Topics.TOPOLOGY,
          Topics.INCIDENTS,
          Topics.DIAGNOSES,
          Topics.ACTION_JOURNAL,
          Topics.OUTCOMES);

  private final Consumer<byte[], byte[]> consumer;
  private final Duration history;
  private final InstantSource clock;
  private final List<RecordSink> sinks;
  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private final Set<String> complained = new HashSet<>();
  private final Thread thread = new Thread(this::run, "view-feed");
  private volatile boolean closed;

  /**
   * Starts feeding.
   *
   * @param history how far back metrics and forecasts are read
   */
  public static ViewFeed start(
      String bootstrapServers, Duration history, InstantSource clock, List<RecordSink> sinks) {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, "foresplit-view");
    config.put(ConsumerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
    ViewFeed feed =
        new ViewFeed(
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
            history,
            clock,
            sinks);
    feed.thread.setDaemon(true);
    feed.thread.start();
    return feed;
  }

  private ViewFeed(
      Consumer<byte[], byte[]> consumer,
      Duration history,
      InstantSource clock,
      List<RecordSink> sinks) {
    this.consumer = consumer;
    this.history = history;
    this.clock = clock;
    this.sinks = List.copyOf(sinks);
  }

  /** Waits until history has been handed over; false when it took longer. */
  public boolean awaitCaughtUp(Duration limit) throws InterruptedException {
    return caughtUp.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (consumer) {
      // the topology first and by itself, so that later records find their job
      read(partitions(Set.of(Topics.TOPOLOGY)), true);
      Set<String> others = new HashSet<>(ROUTES.keySet());
      others.remove(Topics.TOPOLOGY);
      read(partitions(others), false);
    } catch (WakeupException e) {
      LOG.debug("the view feed ends");
    } catch (KafkaException e) {
      LOG.error("the view feed ended, the console no longer changes: {}", e.getMessage());
    }
  }

  private List<TopicPartition> partitions(Set<String> topics) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      for (PartitionInfo info : consumer.partitionsFor(topic)) {
        partitions.add(new TopicPartition(topic, info.partition()));
      }
    }
    return partitions;
  }

  private void read(List<TopicPartition> partitions, boolean historyOnly) {
    consumer.assign(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    seek(partitions, ends);
    while (!closed) {
      consumer.poll(POLL).forEach(this::hand);
      boolean done =
          ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue());
      if (done && historyOnly) {
        return;
      }
      if (done && caughtUp.getCount() > 0) {
        sinks.forEach(RecordSink::caughtUp);
        caughtUp.countDown();
      }
    }
  }

  private void seek(List<TopicPartition> partitions, Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> since = new HashMap<>();
    long start = clock.millis() - history.toMillis();
    partitions.forEach(p -> since.put(p, start));
    Map<TopicPartition, OffsetAndTimestamp> offsets = consumer.offsetsForTimes(since);
    for (TopicPartition partition : partitions) {
      if (WHOLE.contains(partition.topic())) {
        consumer.seekToBeginning(List.of(partition));
      } else {
        OffsetAndTimestamp at = offsets.get(partition);
        consumer.seek(partition, at == null ? ends.getOrDefault(partition, 0L) : at.offset());
      }
    }
  }

  private void hand(ConsumerRecord<byte[], byte[]> record) {
    Route<?> route = ROUTES.get(record.topic());
    if (route == null || record.value() == null) {
      return;
    }
    try {
      route.pass(record.key(), record.value(), sinks);
    } catch (MalformedRecordException | RuntimeException e) {
      if (complained.add(record.topic())) {
        LOG.warn(
            "a record of {} (partition {}, offset {}) is not shown: {}; more of this topic are not"
                + " logged",
            record.topic(),
            record.partition(),
            record.offset(),
            e.toString());
      }
    }
  }
}
