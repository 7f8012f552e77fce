package io.foresplit.runtime.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes to one topic from its own thread, so that nobody waits for Kafka. While the broker is
 * away the oldest records wait, bounded; what finds no room or becomes too old is dropped and
 * counted, and the first drop after a success is logged. Thread-safe.
 */
final class BoundedPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BoundedPublisher.class);
  private static final int WAITING = 256;
  private static final int MAX_BLOCK_MILLIS = 1_000;
  private static final int DELIVERY_MILLIS = 10_000;
  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final String topic;
  private final Producer<String, byte[]> producer;
  private final BlockingQueue<Item> waiting = new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicBoolean dropping = new AtomicBoolean();
  private final Thread thread;

  @SuppressWarnings("ArrayRecordComponent")
  private record Item(String key, byte[] value) {}

  BoundedPublisher(String topic, Producer<String, byte[]> producer) {
    this.topic = topic;
    this.producer = producer;
    thread = new Thread(this::publish, "publish-" + topic);
    thread.setDaemon(true);
    thread.start();
  }

  /** Connects when it first publishes; throws when the bootstrap servers make no sense. */
  static BoundedPublisher connect(String topic, String bootstrap, String client) {
    try {
      return new BoundedPublisher(topic, producer(bootstrap, client));
    } catch (KafkaException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(
          "kafka bootstrap servers must be host:port, was '"
              + bootstrap
              + "': "
              + cause.getMessage(),
          e);
    }
  }

  private static Producer<String, byte[]> producer(String bootstrap, String client) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrap,
            ProducerConfig.CLIENT_ID_CONFIG,
            client,
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.LINGER_MS_CONFIG,
            0,
            ProducerConfig.BUFFER_MEMORY_CONFIG,
            4L << 20,
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            MAX_BLOCK_MILLIS,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            DELIVERY_MILLIS / 2,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            DELIVERY_MILLIS,
            ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
            1_000),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  /** Takes a record; returns at once. */
  void publish(String key, byte[] value) {
    if (!waiting.offer(new Item(key, value))) {
      drop("no room");
    }
  }

  /** Records that never reached Kafka. */
  long dropped() {
    return dropped.get();
  }

  private void publish() {
    try {
      while (true) {
        Item item = waiting.take();
        try {
          Future<RecordMetadata> unused =
              producer.send(
                  new ProducerRecord<>(topic, item.key(), item.value()),
                  (metadata, error) -> {
                    if (error == null) {
                      arrived();
                    } else {
                      drop(String.valueOf(error.getMessage()));
                    }
                  });
        } catch (InterruptException e) {
          return;
        } catch (KafkaException e) {
          drop(String.valueOf(e.getMessage()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void arrived() {
    if (dropping.compareAndSet(true, false)) {
      LOG.info("{} takes records again, {} were dropped so far", topic, dropped.get());
    }
  }

  private void drop(String why) {
    long count = dropped.incrementAndGet();
    if (dropping.compareAndSet(false, true)) {
      LOG.warn("a record for {} is dropped, the {}th: {}", topic, count, why);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(CLOSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(CLOSE);
    if (dropped() > 0) {
      LOG.warn("{} records for {} were dropped", dropped(), topic);
    }
  }
}
