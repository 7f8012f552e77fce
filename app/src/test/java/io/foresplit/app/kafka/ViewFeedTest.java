package io.foresplit.app.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.view.IncidentView;
import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.RecordSink;
import io.foresplit.app.view.SyntheticRun;
import io.foresplit.app.view.ViewEvent;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ViewFeedTest {
  /** Writes a run to the topics, as the stages do. */
  private static final class Writer implements RecordSink, AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;

    Writer(EmbeddedKafka kafka) {
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
  }

  @Test
  void tellsTheHistoryAndThenWhatHappens(@TempDir Path folder) throws Exception {
    SyntheticRun run = new SyntheticRun(1_000);
    LiveView view = new LiveView();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
        Writer writer = new Writer(kafka)) {
      writer.write(Topics.INCIDENTS, new byte[] {1, 2, 3});
      for (int step = 0; step < SyntheticRun.RESOLVED; step++) {
        run.interval(step, writer);
      }
      writer.producer.flush();
      try (ViewFeed feed =
          ViewFeed.start(
              kafka.bootstrapServers(),
              Duration.ofMinutes(10),
              InstantSource.system(),
              List.of(view))) {
        assertThat(feed.awaitCaughtUp(Duration.ofSeconds(60))).isTrue();
        assertThat(view.state(Optional.empty()).orElseThrow().epoch()).isEqualTo(1);
        assertThat(
                view.series(
                        Optional.empty(),
                        new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS),
                        2_000)
                    .orElseThrow()
                    .values())
            .hasSize(SyntheticRun.RESOLVED);

        LinkedBlockingQueue<IncidentView> told = new LinkedBlockingQueue<>();
        view.subscribe(event -> collect(event, told));
        run.interval(SyntheticRun.RESOLVED, writer);
        IncidentView resolved = told.poll(30, TimeUnit.SECONDS);
        assertThat(resolved).isNotNull();
        assertThat(resolved.phase()).isEqualTo("RESOLVED");
        assertThat(resolved.actions())
            .singleElement()
            .satisfies(action -> assertThat(action.result()).isEqualTo("HELPED"));
        assertThat(resolved.diagnoses()).hasSize(1);
      }
    }
  }

  private static void collect(ViewEvent event, LinkedBlockingQueue<IncidentView> told) {
    if (event.body() instanceof IncidentView incident) {
      told.add(incident);
    }
  }
}
