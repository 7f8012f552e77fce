package io.foresplit.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BoundedPublisherTest {
  @Test
  void whileTheBrokerIsAwayRecordsAreDroppedAndCountedAndAfterwardsTheyFlowAgain() {
    MockProducer<String, byte[]> producer =
        new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
    producer.sendException = new TimeoutException("no broker");
    try (BoundedPublisher publisher = new BoundedPublisher("topic", producer)) {
      publisher.publish("edge", "lost".getBytes(StandardCharsets.UTF_8));
      await(() -> publisher.dropped() == 1);

      producer.sendException = null;
      publisher.publish("edge", "kept".getBytes(StandardCharsets.UTF_8));
      await(() -> !producer.history().isEmpty());

      assertThat(producer.history()).hasSize(1);
      assertThat(new String(producer.history().get(0).value(), StandardCharsets.UTF_8))
          .isEqualTo("kept");
      assertThat(publisher.dropped()).isEqualTo(1);
    }
    assertThat(producer.closed()).isTrue();
  }

  @Test
  void senselessServersAreOneClearLine() {
    assertThatThrownBy(() -> BoundedPublisher.connect("topic", "nowhere", "client"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("kafka bootstrap servers must be host:port, was 'nowhere'");
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }
}
