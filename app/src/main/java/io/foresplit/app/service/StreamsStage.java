package io.foresplit.app.service;

import io.foresplit.app.config.StartupException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One stage running on Kafka Streams, exactly once. */
public final class StreamsStage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamsStage.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

  private final String name;
  private final KafkaStreams streams;
  private final CountDownLatch running = new CountDownLatch(1);

  private StreamsStage(String name, KafkaStreams streams) {
    this.name = name;
    this.streams = streams;
  }

  /**
   * Starts a stage; {@link #awaitRunning} waits for it.
   *
   * @param name also the application id, so it must stay the same over restarts
   * @param stateFolder local state, rebuilt from Kafka when it is lost
   * @param failed told when the stage has stopped for good
   */
  public static StreamsStage start(
      String name,
      Topology topology,
      String bootstrapServers,
      Path stateFolder,
      Consumer<Throwable> failed) {
    KafkaStreams streams =
        new KafkaStreams(topology, properties(name, bootstrapServers, stateFolder));
    StreamsStage stage = new StreamsStage(name, streams);
    streams.setUncaughtExceptionHandler(
        problem -> {
          LOG.error("{} failed", name, problem);
          failed.accept(problem);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.setStateListener(
        (to, from) -> {
          if (to == KafkaStreams.State.RUNNING) {
            stage.running.countDown();
          }
        });
    streams.start();
    return stage;
  }

  /** Waits until it runs; at most 60 s. */
  public void awaitRunning() throws InterruptedException {
    if (!running.await(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new StartupException(
          "the "
              + name
              + " did not start within "
              + START_LIMIT.toSeconds()
              + " s; see the service's log",
          new IllegalStateException(name + " is " + streams.state()));
    }
  }

  @Override
  public void close() {
    if (!streams.close(STOP_LIMIT)) {
      LOG.warn("{} did not stop within {}", name, STOP_LIMIT);
    }
  }

  private static Properties properties(String name, String bootstrapServers, Path stateFolder) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "foresplit-" + name);
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    properties.put(StreamsConfig.POLL_MS_CONFIG, 50);
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    // a killed instance is missed for this long at most
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6000);
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 2000);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
    // what it had not committed is in the way of the next one until the broker gives it up
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 5_000);
    return properties;
  }
}
