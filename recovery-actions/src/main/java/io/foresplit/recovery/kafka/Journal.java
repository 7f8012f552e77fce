package io.foresplit.recovery.kafka;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.recovery.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Writes journal entries, outcomes and input positions in one transaction: all or none. Not
 * thread-safe.
 */
final class Journal {
  /** An entry and where it is in its partition. */
  record Written(JournalEntry entry, long offset) {}

  private record Sent(JournalEntry entry, Future<RecordMetadata> written) {}

  private final Producer<String, byte[]> producer;

  Journal(Producer<String, byte[]> producer) {
    this.producer = producer;
  }

  /** Ends what an earlier controller left unfinished, and fences it off. */
  void open() {
    producer.initTransactions();
  }

  /**
   * Makes the appends and outcomes among the effects durable, and the positions with them.
   *
   * @return the entries in order
   */
  List<Written> commit(
      List<Effect> effects,
      Map<TopicPartition, OffsetAndMetadata> positions,
      ConsumerGroupMetadata group) {
    producer.beginTransaction();
    List<Sent> sent = new ArrayList<>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.Append append) {
        JournalEntry entry = append.entry();
        sent.add(
            new Sent(
                entry,
                send(
                    Topics.ACTION_JOURNAL,
                    entry.job().value(),
                    Codecs.JOURNAL_ENTRY.encode(entry))));
      } else if (effect instanceof Effect.Publish publish) {
        ActionOutcome outcome = publish.outcome();
        Future<RecordMetadata> unused =
            send(Topics.OUTCOMES, publish.job().value(), Codecs.OUTCOME.encode(outcome));
      }
    }
    producer.sendOffsetsToTransaction(positions, group);
    producer.commitTransaction();
    return sent.stream().map(Journal::written).toList();
  }

  private Future<RecordMetadata> send(String topic, String key, byte[] value) {
    return producer.send(new ProducerRecord<>(topic, key, value));
  }

  private static Written written(Sent sent) {
    try {
      return new Written(sent.entry(), sent.written().get().offset());
    } catch (ExecutionException failure) {
      throw new KafkaException("the journal did not take " + sent.entry(), failure.getCause());
    } catch (InterruptedException interrupted) {
      throw new InterruptException(interrupted);
    }
  }
}
