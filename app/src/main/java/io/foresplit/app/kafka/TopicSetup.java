package io.foresplit.app.kafka;

import io.foresplit.app.config.StartupException;
import io.foresplit.contract.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes the topics of {@link Topics#ALL} where they are missing. Thread-safe. */
public final class TopicSetup {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private TopicSetup() {}

  /**
   * Creates missing topics, with the broker's default replication; topics that exist stay as they
   * are. Idempotent.
   *
   * @param partitions of each topic
   * @throws StartupException when no broker answers within 20 s, or a topic has another number of
   *     partitions: jobs would be spread otherwise over it than over the others
   */
  public static void create(String bootstrapServers, int partitions) {
    create(bootstrapServers, partitions, LIMIT);
  }

  static void create(String bootstrapServers, int partitions, Duration limit) {
    try (Admin admin = admin(bootstrapServers, limit)) {
      var missing = Topics.ALL.stream().map(name -> topic(name, partitions)).toList();
      for (var result : admin.createTopics(missing).values().values()) {
        await(result.toCompletionStage().toCompletableFuture(), limit);
      }
      for (TopicDescription topic : described(admin, limit)) {
        if (!topic.name().equals(Topics.SEGMENT_REPORTS)) {
          requirePartitions(topic.name(), topic.partitions().size(), partitions);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while creating topics", e);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new StartupException(
          "no Kafka broker answers at "
              + bootstrapServers
              + ": start it or correct kafka.bootstrapServers (leave it empty for the embedded"
              + " broker); "
              + why(e),
          e);
    }
  }

  /** A client that is answered within a time, or fails. */
  static Admin admin(String bootstrapServers, Duration limit) {
    int millis = Math.toIntExact(limit.toMillis());
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            millis,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            millis / 2));
  }

  /** What a call to a broker failed by. */
  static String why(Exception failure) {
    Throwable reason =
        failure instanceof ExecutionException x && x.getCause() != null ? x.getCause() : failure;
    return reason.getMessage() == null ? "no answer in time" : reason.getMessage();
  }

  private static void requirePartitions(String topic, int has, int expected) {
    if (has != expected) {
      throw new StartupException(
          "topic "
              + topic
              + " has "
              + has
              + " partitions, expected "
              + expected
              + " as of all topics: set kafka.partitions to what they have, or use another cluster");
    }
  }

  /** All topics, once the broker has learnt of those that were made just now. */
  private static Collection<TopicDescription> described(Admin admin, Duration limit)
      throws ExecutionException, InterruptedException, TimeoutException {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        return admin
            .describeTopics(Topics.ALL)
            .allTopicNames()
            .get(limit.toMillis(), TimeUnit.MILLISECONDS)
            .values();
      } catch (ExecutionException e) {
        boolean early = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!early || System.nanoTime() > end) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  private static void await(Future<?> created, Duration limit)
      throws ExecutionException, InterruptedException, TimeoutException {
    try {
      created.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  private static NewTopic topic(String name, int partitions) {
    NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.empty());
    List<String> kept = List.of(Topics.INCIDENTS, Topics.ACTION_JOURNAL);
    if (kept.contains(name)) {
      return topic.configs(
          Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1", TopicConfig.RETENTION_BYTES_CONFIG, "-1"));
    }
    if (name.equals(Topics.SEGMENT_REPORTS)) {
      // the collector tells by it whether it is behind; what a producer claims is not relied on
      return topic.configs(Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"));
    }
    if (name.equals(Topics.TOPOLOGY)) {
      return topic.configs(
          Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
    }
    return topic;
  }
}
