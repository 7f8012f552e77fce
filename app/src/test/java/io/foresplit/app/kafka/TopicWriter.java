package io.foresplit.app.kafka;

import io.foresplit.app.view.RecordSink;
import io.foresplit.app.view.SyntheticRun;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes a run to the topics, as the stages do. */
public final class TopicWriter implements RecordSink, AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;

  public TopicWriter(EmbeddedKafka kafka) {
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  void write(String topic, byte[] value) {
    byte[] key = SyntheticRun.JOB.value().getBytes(StandardCharsets.UTF_8);
    var unused = producer.send(new ProducerRecord<>(topic, key, value));
  }

  @Override
  public void on(JobRecord record) {
    if (record instanceof SplitTopology topology) {
      write(Topics.TOPOLOGY, Codecs.TOPOLOGY.encode(topology));
    }
    write(Topics.SEGMENT_METRICS, Codecs.JOB_RECORD.encode(record));
  }

  @Override
  public void on(Forecast forecast) {
    write(Topics.FORECASTS, Codecs.FORECAST.encode(forecast));
  }

  @Override
  public void on(Incident incident) {
    write(Topics.INCIDENTS, Codecs.INCIDENT.encode(incident));
  }

  @Override
  public void on(Diagnosis diagnosis) {
    write(Topics.DIAGNOSES, Codecs.DIAGNOSIS.encode(diagnosis));
  }

  @Override
  public void on(JournalEntry entry) {
    write(Topics.ACTION_JOURNAL, Codecs.JOURNAL_ENTRY.encode(entry));
  }

  @Override
  public void on(ActionOutcome outcome) {
    write(Topics.OUTCOMES, Codecs.OUTCOME.encode(outcome));
  }

  @Override
  public void close() {
    producer.close();
  }

  /** Waits until all is written. */
  public void flush() {
    producer.flush();
  }
}
