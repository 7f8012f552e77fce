package io.foresplit.diagnoser.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.StepTimeModel;
import io.foresplit.diagnoser.Worlds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiagnosisTopologyTest {
  private static final String JOB = "demo";

  private final Worlds world = Worlds.uplinkFade();
  private final List<String> undecodable = new ArrayList<>();
  private final List<Service> services = new ArrayList<>();

  /** One life of the service. */
  private final class Service {
    private final TopologyTestDriver driver =
        new TopologyTestDriver(
            DiagnosisTopology.build(
                DiagnoserConfig.defaults(),
                new StepTimeModel(),
                new DiagnoserListener() {
                  @Override
                  public void undecodable(String reason) {
                    undecodable.add(reason);
                  }
                }),
            new Properties());
    private final TestInputTopic<String, byte[]> metrics = input(Topics.SEGMENT_METRICS);
    private final TestInputTopic<String, byte[]> incidents = input(Topics.INCIDENTS);
    private final TestOutputTopic<String, byte[]> diagnoses =
        driver.createOutputTopic(
            Topics.DIAGNOSES, new StringDeserializer(), new ByteArrayDeserializer());

    private Service() {
      services.add(this);
    }

    private TestInputTopic<String, byte[]> input(String topic) {
      return driver.createInputTopic(topic, new StringSerializer(), new ByteArraySerializer());
    }

    private void log(List<JobRecord> records) {
      records.forEach(r -> metrics.pipeInput(JOB, Codecs.JOB_RECORD.encode(r)));
    }

    private void incident() {
      incidents.pipeInput(JOB, Codecs.INCIDENT.encode(world.incident()));
    }

    private List<Diagnosis> read() throws MalformedRecordException {
      List<Diagnosis> read = new ArrayList<>();
      for (KeyValue<String, byte[]> message : diagnoses.readKeyValuesToList()) {
        assertThat(message.key).isEqualTo(JOB);
        read.add(Codecs.DIAGNOSIS.decode(message.value));
      }
      return read;
    }

    /** A service that finds what the changelog of this one's store holds. */
    private Service restarted() {
      Service next = new Service();
      KeyValueStore<String, byte[]> store = next.driver.getKeyValueStore(DiagnosisTopology.STORE);
      KeyValueStore<String, byte[]> mine = driver.getKeyValueStore(DiagnosisTopology.STORE);
      try (KeyValueIterator<String, byte[]> all = mine.all()) {
        all.forEachRemaining(entry -> store.put(entry.key, entry.value));
      }
      return next;
    }
  }

  @AfterEach
  void stop() {
    services.forEach(service -> service.driver.close());
  }

  @Test
  void anIncidentBecomesADiagnosisKeyedByJob() throws MalformedRecordException {
    Service service = new Service();
    service.log(world.log());
    service.incident();
    assertThat(service.read()).containsExactly(world.diagnosis());
  }

  @Test
  void aRestartAnywhereGivesTheSame() throws MalformedRecordException {
    int size = world.log().size();
    for (int cut : List.of(1, size / 2, size - 1)) {
      Service service = new Service();
      service.log(world.log().subList(0, cut));
      service.incident();
      assertThat(service.read()).isEmpty();
      Service next = service.restarted();
      next.log(world.log().subList(cut, size));
      assertThat(next.read()).containsExactly(world.diagnosis());
      Service last = next.restarted();
      last.incident();
      assertThat(last.read()).extracting(Diagnosis::revision).containsExactly(1);
    }
  }

  @Test
  void whatCannotBeReadIsSkippedAndCounted() throws MalformedRecordException {
    Service service = new Service();
    byte[] garbage = "no protobuf".getBytes(StandardCharsets.UTF_8);
    service.metrics.pipeInput(JOB, garbage);
    service.incidents.pipeInput(JOB, garbage);
    service.metrics.pipeInput(JOB, null);
    service.metrics.pipeInput("other", Codecs.JOB_RECORD.encode(world.log().get(0)));
    service.log(world.log());
    service.incident();
    assertThat(undecodable).hasSize(4);
    assertThat(service.read()).hasSize(1);
  }

  @Test
  void aSpoiltStoreBeginsTheJobAnew() throws MalformedRecordException {
    Service service = new Service();
    KeyValueStore<String, byte[]> store = service.driver.getKeyValueStore(DiagnosisTopology.STORE);
    store.put(JOB + "/m/7", new byte[] {1, 2, 3});
    service.log(world.log());
    service.incident();
    assertThat(service.read()).hasSize(1);
  }
}
