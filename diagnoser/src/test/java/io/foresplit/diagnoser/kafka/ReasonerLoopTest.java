package io.foresplit.diagnoser.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.ReasonedDiagnosis;
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
  private final List<String> refused = new ArrayList<>();
  private final DiagnoserListener listener =
      new DiagnoserListener() {
        @Override
        public void reasonerRefused(Diagnosis diagnosis, List<String> problems) {
          refused.addAll(problems);
        }
      };
  private long offset;

  @BeforeEach
  void assign() {
    consumer.assign(List.of(PARTITION));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
  }

  @Test
  void anAcceptedAnswerIsTheNextRevision() throws MalformedRecordException {
    publish(statistical);
    loop("The uplink lost most of its rate [E1], and steps wait for it.").poll();

    assertThat(producer.history()).hasSize(1);
    assertThat(producer.history().get(0).key()).isEqualTo("demo");
    Diagnosis revised = Codecs.DIAGNOSIS.decode(producer.history().get(0).value());
    assertThat(revised.revision()).isEqualTo(statistical.revision() + 1);
    assertThat(revised.reasoner()).isEqualTo("statistics+llm:fake");
    assertThat(revised.ranked()).isEqualTo(statistical.ranked());
  }

  @Test
  void aLieIsRefusedAndNothingIsPublished() {
    publish(statistical);
    loop("The uplink lost most of its rate [E77], and steps wait for it.").poll();
    assertThat(producer.history()).isEmpty();
    assertThat(refused).hasSize(1);
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
    ReasonerLoop loop = loop("whatever");
    loop.poll();
    assertThat(asked).containsExactly(later);

    publish(Worlds.noise().diagnosis());
    consumer.addRecord(new ConsumerRecord<>(Topics.DIAGNOSES, 0, offset++, "demo", new byte[] {9}));
    loop.poll();
    assertThat(asked).hasSize(1);
  }

  private void publish(Diagnosis diagnosis) {
    consumer.addRecord(
        new ConsumerRecord<>(
            Topics.DIAGNOSES, 0, offset++, "demo", Codecs.DIAGNOSIS.encode(diagnosis)));
  }

  private ReasonerLoop loop(String explanation) {
    RankedCause top = statistical.top().orElseThrow();
    Reasoner reasoner =
        diagnosis -> {
          asked.add(diagnosis);
          return Optional.of(
              new ReasonedDiagnosis(
                  "fake", top.component().value(), top.cause().label(), explanation, List.of()));
        };
    return new ReasonerLoop(consumer, producer, reasoner, listener);
  }
}
