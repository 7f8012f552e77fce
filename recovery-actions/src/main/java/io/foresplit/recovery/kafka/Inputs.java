package io.foresplit.recovery.kafka;

import io.foresplit.contract.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * The topics recovery reads. Partitions are assigned, not subscribed: one controller owns all jobs,
 * and after a crash the next one starts at once instead of waiting for a session to expire. The
 * transactional producer keeps a second controller out. Not thread-safe.
 */
final class Inputs {
  /** Records read again on start, so that windows and the open diagnosis are known. */
  static final long REWIND = 4_000;

  private static final Duration POLL = Duration.ofMillis(50);

  private final Consumer<String, byte[]> consumer;
  private final Map<TopicPartition, Long> decided = new HashMap<>();
  private final Map<TopicPartition, Long> next = new HashMap<>();

  Inputs(Consumer<String, byte[]> consumer) {
    this.consumer = consumer;
  }

  /** Reads the whole journal. */
  void readJournal(java.util.function.Consumer<ConsumerRecord<String, byte[]>> reader) {
    Set<TopicPartition> partitions = partitions(Topics.ACTION_JOURNAL);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      consumer.poll(POLL).forEach(reader);
    }
  }

  /** Goes to the start of all commands, and a little before where decisions ended elsewhere. */
  void start() {
    Set<TopicPartition> commands = partitions(Topics.COMMANDS);
    Set<TopicPartition> rest = new HashSet<>(partitions(Topics.SEGMENT_METRICS));
    rest.addAll(partitions(Topics.INCIDENTS));
    rest.addAll(partitions(Topics.DIAGNOSES));
    Set<TopicPartition> all = new HashSet<>(rest);
    all.addAll(commands);
    consumer.assign(all);
    consumer.seekToBeginning(commands);
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(all);
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(all);
    for (TopicPartition partition : all) {
      long beginning = beginnings.getOrDefault(partition, 0L);
      long position =
          Optional.ofNullable(committed.get(partition))
              .map(OffsetAndMetadata::offset)
              .orElse(beginning);
      decided.put(partition, position);
      if (rest.contains(partition)) {
        consumer.seek(partition, Math.max(beginning, position - REWIND));
      }
    }
  }

  private Set<TopicPartition> partitions(String topic) {
    List<PartitionInfo> infos = consumer.partitionsFor(topic);
    if (infos == null || infos.isEmpty()) {
      throw new KafkaException("topic " + topic + " does not exist; create it before starting");
    }
    return infos.stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .collect(Collectors.toSet());
  }

  /** The next records of all topics. */
  ConsumerRecords<String, byte[]> poll() {
    return consumer.poll(POLL);
  }

  /** Notes that a record has been taken in. */
  void taken(ConsumerRecord<String, byte[]> read) {
    next.put(new TopicPartition(read.topic(), read.partition()), read.offset() + 1);
  }

  /** Whether an earlier controller has taken the record in already. */
  boolean isHistory(ConsumerRecord<String, byte[]> read) {
    TopicPartition partition = new TopicPartition(read.topic(), read.partition());
    return read.offset() < decided.getOrDefault(partition, 0L);
  }

  /** Where reading goes on after a crash; never behind an earlier controller. */
  Map<TopicPartition, OffsetAndMetadata> positions() {
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    next.forEach(
        (partition, offset) ->
            positions.put(
                partition,
                new OffsetAndMetadata(Math.max(offset, decided.getOrDefault(partition, 0L)))));
    return positions;
  }

  ConsumerGroupMetadata group() {
    return consumer.groupMetadata();
  }

  /** Ends a poll of another thread. Thread-safe. */
  void wakeup() {
    consumer.wakeup();
  }

  void close() {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
  }
}
