package io.foresplit.app.demo;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Rejection;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends what no node would send to the topic of reports, and finds the rejections. */
final class HostileRecords implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Map<String, Object> broker;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Random random;
  private final Set<Long> sent = new HashSet<>();

  HostileRecords(String bootstrapServers, long seed) {
    broker = Map.of("bootstrap.servers", bootstrapServers, "enable.auto.commit", false);
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 20),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    random = new Random(seed);
  }

  /** Sends records and waits until the broker has them. */
  void send(int count) throws Exception {
    List<Future<RecordMetadata>> acknowledged = new java.util.ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] value = record(i % 10);
      acknowledged.add(
          producer.send(new ProducerRecord<>(Topics.SEGMENT_REPORTS, 0, random(8), value)));
    }
    for (Future<RecordMetadata> future : acknowledged) {
      sent.add(future.get().offset());
    }
  }

  /** Reasons by offset of the raw record, once each record sent has one. */
  Map<Long, Rejection> rejections() throws MalformedRecordException {
    Map<Long, Rejection> found = new java.util.HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(broker, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition rejected = new TopicPartition(Topics.SEGMENT_METRICS_REJECTED, 0);
      consumer.assign(List.of(rejected));
      consumer.seekToBeginning(List.of(rejected));
      long giveUp = System.nanoTime() + PATIENCE.toNanos();
      while (!found.keySet().containsAll(sent) && System.nanoTime() < giveUp) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(500))) {
          Rejection rejection = Codecs.REJECTION.decode(each.value());
          found.put(rejection.offset(), rejection);
        }
      }
    }
    found.keySet().retainAll(sent);
    return found;
  }

  private byte[] record(int kind) {
    long now = Instant.now().toEpochMilli() / 500;
    NodeId node = new NodeId(List.of("device", "edge", "cloud").get(random.nextInt(3)));
    JobId job = new JobId("demo");
    return switch (kind) {
      case 0 -> random(random.nextInt(300));
      case 1 -> report(job, node, now, sample(node, Double.NaN));
      case 2 -> report(job, node, now, sample(node, -1e300));
      case 3 -> report(job, new NodeId("node-" + random.nextInt(99)), now);
      case 4 -> report(job, node, now, sample(new NodeId("moon"), 1));
      case 5 -> report(job, node, now + 1000 + random.nextInt(1_000_000));
      case 6 -> report(job, node, now - 1000 - random.nextInt(1_000_000));
      case 7 -> report(new JobId("job-" + random.nextInt(99)), node, now);
      case 8 ->
          report(
              job,
              node,
              now,
              Collections.nCopies(5000, sample(node, 1)).toArray(MetricSample[]::new));
      default -> new byte[0];
    };
  }

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static MetricSample sample(NodeId node, double value) {
    return new MetricSample(ComponentId.of(node), Metric.SLOWDOWN, value);
  }

  private static byte[] report(JobId job, NodeId node, long interval, MetricSample... samples) {
    return Codecs.SEGMENT_REPORT.encode(
        new SegmentReport(job, node, -1, -1, 0, interval, 1, Instant.EPOCH, 0, List.of(samples)));
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
