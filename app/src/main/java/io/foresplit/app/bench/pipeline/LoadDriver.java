package io.foresplit.app.bench.pipeline;

import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Publishes what a fleet reports, on one thread and one connection. Jobs take turns within each
 * interval, so that load is even, and report of the interval that runs. Not thread-safe.
 *
 * @param nanoTime monotonic
 */
record LoadDriver(
    Producer<String, byte[]> producer, String topic, InstantSource clock, LongSupplier nanoTime)
    implements AutoCloseable {
  private static final long LONGEST_PARK_NANOS = 1_000_000;

  static LoadDriver to(
      String topic, String bootstrapServers, InstantSource clock, LongSupplier nanoTime) {
    Map<String, Object> config =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ProducerConfig.LINGER_MS_CONFIG,
            5,
            ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG,
            "");
    return new LoadDriver(
        new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer()),
        topic,
        clock,
        nanoTime);
  }

  /** Announces where the layers of all jobs are. */
  void announce(Fleet fleet) {
    for (int job = 0; job < fleet.jobs(); job++) {
      send(
          new ProducerRecord<>(
              Topics.TOPOLOGY,
              fleet.id(job).value(),
              Codecs.TOPOLOGY.encode(fleet.topology(job, clock.instant()))));
    }
    producer.flush();
  }

  /**
   * Publishes at the pace of the fleet's intervals, later where it cannot keep up with them.
   *
   * @return when it began and ended
   */
  Span paced(Fleet fleet, double seconds, Arrivals arrivals) {
    long length = fleet.interval().toMillis();
    long first = Math.floorDiv(clock.millis(), length) + 1;
    sleepUntil(first * length);
    long rounds = Math.max(1, Math.round(seconds * 1e3 / length));
    long begin = nanoTime.getAsLong();
    long end = begin + Math.round(Math.max(seconds, length / 1e3) * 1e9);
    for (long number = first; number < first + rounds; number++) {
      for (int job = 0; job < fleet.jobs() && nanoTime.getAsLong() < end; job++) {
        sleepUntil(number * length + length * job / fleet.jobs());
        publish(fleet, job, number, arrivals);
      }
    }
    return new Span(begin, Math.max(end, nanoTime.getAsLong()));
  }

  /** Publishes as fast as it goes, whatever the time of intervals; for what does not heed it. */
  Span freely(Fleet fleet, double seconds, Arrivals arrivals) {
    long begin = nanoTime.getAsLong();
    long end = begin + Math.round(seconds * 1e9);
    for (long number = 1; nanoTime.getAsLong() < end; number++) {
      for (int job = 0; job < fleet.jobs() && nanoTime.getAsLong() < end; job++) {
        publish(fleet, job, number, arrivals);
      }
    }
    return new Span(begin, nanoTime.getAsLong());
  }

  /** Monotonic nanoseconds. */
  record Span(long begin, long end) {
    double seconds() {
      return (end - begin) / 1e9;
    }

    /** What follows its first quarter, in which a flow gets going. */
    Span settled() {
      return new Span(begin + (end - begin) / 4, end);
    }
  }

  private void publish(Fleet fleet, int job, long number, Arrivals arrivals) {
    String key = Arrivals.key(fleet.id(job).value(), number);
    arrivals.published(key);
    for (SegmentReport report : fleet.reports(job, number, clock.instant())) {
      send(new ProducerRecord<>(topic, key, Codecs.SEGMENT_REPORT.encode(report)));
    }
  }

  /** What is not taken is missed by who reads. */
  private void send(ProducerRecord<String, byte[]> message) {
    Future<?> unused = producer.send(message);
  }

  private void sleepUntil(long millis) {
    for (long left = millis - clock.millis(); left > 0; left = millis - clock.millis()) {
      LockSupport.parkNanos(Math.min(left * 1_000_000, LONGEST_PARK_NANOS));
    }
  }

  /** Sends what is left. */
  @Override
  public void close() {
    producer.close();
  }
}
