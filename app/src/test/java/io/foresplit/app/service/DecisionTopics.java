package io.foresplit.app.service;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes the log of a job to Kafka and reads, committed only, what the stages decide on it. Not
 * thread-safe.
 */
final class DecisionTopics implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaProducer<String, byte[]> producer;
  private final KafkaConsumer<String, byte[]> consumer;
  private final Admin admin;
  private final List<Incident> incidents = new ArrayList<>();
  private final List<Diagnosis> diagnoses = new ArrayList<>();
  private final List<Diagnosis> revisions = new ArrayList<>();
  private final List<JournalEntry> journal = new ArrayList<>();
  private final Set<JobId> leased = new HashSet<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  DecisionTopics(String bootstrapServers) {
    producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.LINGER_MS_CONFIG,
                0),
            new StringSerializer(),
            new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    List<TopicPartition> read =
        Stream.of(Topics.INCIDENTS, Topics.DIAGNOSES, Topics.ACTION_JOURNAL)
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    consumer.assign(read);
    consumer.seekToBeginning(read);
  }

  List<Incident> incidents() {
    return incidents;
  }

  /** By statistics. */
  List<Diagnosis> diagnoses() {
    return diagnoses;
  }

  /** Those that a language model had a part in. */
  List<Diagnosis> revisions() {
    return revisions;
  }

  /** Without leases. */
  List<JournalEntry> journal() {
    return journal;
  }

  /** How many decisions there are. */
  int decided() {
    return incidents.size() + diagnoses.size() + journal.size();
  }

  /** Whether recovery has ever taken over a job. */
  boolean isLeased(JobId other) {
    return leased.contains(other);
  }

  /** Publishes records of a log and returns when the broker has them all. */
  void publish(List<? extends JobRecord> log) throws InterruptedException, ExecutionException {
    List<Future<RecordMetadata>> sent =
        log.stream()
            .map(
                entry ->
                    producer.send(
                        new ProducerRecord<>(
                            Topics.SEGMENT_METRICS,
                            entry.jobId().value(),
                            Codecs.JOB_RECORD.encode(entry))))
            .toList();
    for (Future<RecordMetadata> record : sent) {
      RecordMetadata at = record.get();
      ends.put(new TopicPartition(at.topic(), at.partition()), at.offset() + 1);
    }
  }

  /**
   * Reads on until something holds, however long the topics say nothing.
   *
   * @param problem asked again and again; what it says ends the wait
   */
  void await(BooleanSupplier holds, String what, Supplier<String> problem)
      throws MalformedRecordException {
    long limit = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.getAsBoolean()) {
      for (ConsumerRecord<String, byte[]> message : consumer.poll(POLL)) {
        take(message);
      }
      String trouble = problem.get();
      if (!trouble.isEmpty() || System.nanoTime() > limit) {
        throw new AssertionError(
            "waited in vain for " + what + " " + trouble + "; there are " + this);
      }
    }
  }

  private void take(ConsumerRecord<String, byte[]> message) throws MalformedRecordException {
    switch (message.topic()) {
      case Topics.INCIDENTS -> incidents.add(Codecs.INCIDENT.decode(message.value()));
      case Topics.DIAGNOSES -> {
        Diagnosis diagnosis = Codecs.DIAGNOSIS.decode(message.value());
        (diagnosis.reasoning().isEmpty() ? diagnoses : revisions).add(diagnosis);
      }
      case Topics.ACTION_JOURNAL -> {
        JournalEntry entry = Codecs.JOURNAL_ENTRY.decode(message.value());
        if (entry instanceof JournalEntry.LeaseTaken) {
          leased.add(entry.job());
        } else {
          journal.add(entry);
        }
      }
      default -> throw new IllegalStateException("unexpected topic " + message.topic());
    }
  }

  /** Whether a stage has taken in, once and for all, every record that was published. */
  boolean isTakenInBy(String stage) {
    try {
      Map<TopicPartition, OffsetAndMetadata> positions =
          admin
              .listConsumerGroupOffsets("foresplit-" + stage)
              .partitionsToOffsetAndMetadata()
              .get();
      return ends.entrySet().stream()
          .allMatch(
              end ->
                  positions.containsKey(end.getKey())
                      && positions.get(end.getKey()).offset() == end.getValue());
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError("the positions of " + stage + " cannot be read", e);
    }
  }

  /** How many instances of a stage have a share of the log. */
  long sharers(String stage) {
    String group = "foresplit-" + stage;
    try {
      return admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().stream()
          .filter(member -> !member.assignment().topicPartitions().isEmpty())
          .count();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return 0;
      }
      throw new AssertionError("the members of " + stage + " cannot be read", e);
    } catch (InterruptedException e) {
      throw new AssertionError("the members of " + stage + " cannot be read", e);
    }
  }

  @Override
  public void close() {
    producer.close();
    consumer.close();
    admin.close();
  }

  @Override
  public String toString() {
    return incidents.size()
        + " incidents, "
        + diagnoses.size()
        + " diagnoses and "
        + journal.size()
        + " journal entries";
  }
}
