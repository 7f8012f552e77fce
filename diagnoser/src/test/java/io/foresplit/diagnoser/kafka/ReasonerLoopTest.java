package io.foresplit.diagnoser.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.Reasoning.Step;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.DiagnosisGuard;
import io.foresplit.diagnoser.Reasoner;
import io.foresplit.diagnoser.Worlds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReasonerLoopTest {
  private static final TopicPartition PARTITION = new TopicPartition(Topics.DIAGNOSES, 0);

  private final Diagnosis statistical = Worlds.uplinkFade().diagnosis();
  private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
  private final List<Diagnosis> asked = new ArrayList<>();
  private long offset;

  @BeforeEach
  void assign() {
    consumer.assign(List.of(PARTITION));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
  }

  @Test
  void aRevisionIsPublished() throws MalformedRecordException {
    Reasoning reasoning =
        new Reasoning(
            "fake",
            List.of(new Step("The uplink lost its rate.", List.of("E1"))),
            List.of(),
            "Its rate comes back.");
    Diagnosis revision = DiagnosisGuard.revised(statistical, reasoning);
    publish(statistical);
    loop(Optional.of(revision)).poll();

    assertThat(producer.history()).hasSize(1);
    assertThat(producer.history().get(0).key()).isEqualTo("demo");
    assertThat(Codecs.DIAGNOSIS.decode(producer.history().get(0).value())).isEqualTo(revision);
  }

  @Test
  void withoutOneNothingIsPublished() {
    publish(statistical);
    loop(Optional.empty()).poll();
    assertThat(asked).containsExactly(statistical);
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void onlyTheNewestOfAJobIsAskedAboutAndNeverARevisedOrAbstainedOne() {
    Diagnosis later =
        new Diagnosis(
            statistical.incident(),
            4,
            statistical.ranked(),
            statistical.evidence(),
            "later",
            "statistics");
    publish(statistical);
    publish(later);
    publish(
        new Diagnosis(
            statistical.incident(),
            5,
            statistical.ranked(),
            statistical.evidence(),
            "revised",
            "statistics+llm:fake"));
    ReasonerLoop loop = loop(Optional.empty());
    loop.poll();
    assertThat(asked).containsExactly(later);

    publish(Worlds.noise().diagnosis());
    consumer.addRecord(new ConsumerRecord<>(Topics.DIAGNOSES, 0, offset++, "demo", new byte[] {9}));
    loop.poll();
    assertThat(asked).hasSize(1);
  }

  @Test
  void whatGoesWrongAboutOneDiagnosisDoesNotEndTheLoop() {
    Reasoner reasoner =
        diagnosis -> {
          asked.add(diagnosis);
          throw new IllegalStateException("as told to");
        };
    ReasonerLoop loop = new ReasonerLoop(consumer, producer, reasoner, DiagnoserListener.NONE);
    publish(statistical);
    loop.poll();
    publish(statistical);
    loop.poll();
    assertThat(asked).hasSize(2);
    assertThat(producer.history()).isEmpty();
  }

  private void publish(Diagnosis diagnosis) {
    consumer.addRecord(
        new ConsumerRecord<>(
            Topics.DIAGNOSES, 0, offset++, "demo", Codecs.DIAGNOSIS.encode(diagnosis)));
  }

  private ReasonerLoop loop(Optional<Diagnosis> revision) {
    Reasoner reasoner =
        diagnosis -> {
          asked.add(diagnosis);
          return revision;
        };
    return new ReasonerLoop(consumer, producer, reasoner, DiagnoserListener.NONE);
  }
}
