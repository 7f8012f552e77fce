package io.foresplit.app.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.app.config.StartupException;
import io.foresplit.contract.Topics;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedKafkaTest {
  @Test
  void keepsRecordsAndItsPortOverARestart(@TempDir Path folder) throws Exception {
    int port;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
      port = kafka.port();
      produceInTransaction(kafka, "still here");
    }

    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
      assertThat(kafka.port()).isEqualTo(port);
      assertThat(first(kafka)).isEqualTo("still here");
      assertThatThrownBy(() -> EmbeddedKafka.start(folder, 0))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("in use by another Foresplit");
      assertThat(config(kafka, Topics.INCIDENTS, "retention.ms")).isEqualTo("-1");
      assertThat(config(kafka, Topics.ACTION_JOURNAL, "retention.bytes")).isEqualTo("-1");
      assertThat(config(kafka, Topics.TOPOLOGY, "cleanup.policy")).isEqualTo("compact");
    }
  }

  @Test
  void aPortInUseIsNamed(@TempDir Path folder) throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> EmbeddedKafka.start(folder, other.getLocalPort()))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("port " + other.getLocalPort())
          .hasMessageContaining("set kafka.port");
    }
  }

  @Test
  void aDamagedFolderIsNamed(@TempDir Path folder) throws Exception {
    Files.createDirectories(folder.resolve("log"));
    Files.writeString(folder.resolve("log").resolve("meta.properties"), "version=what\n");

    assertThatThrownBy(() -> EmbeddedKafka.start(folder, 0))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("cannot start from " + folder)
        .hasMessageContaining("move the folder away");
  }

  @Test
  void anUnreachableBrokerIsNamed() throws Exception {
    int nobody;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = probe.getLocalPort();
    }
    assertThatThrownBy(() -> TopicSetup.create("127.0.0.1:" + nobody, 1, Duration.ofSeconds(2)))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("no Kafka broker answers at 127.0.0.1:" + nobody);
  }

  private static void produceInTransaction(EmbeddedKafka kafka, String text) {
    Map<String, Object> config =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "test");
    try (var producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      var sent =
          producer.send(
              new ProducerRecord<>(Topics.INCIDENTS, text.getBytes(StandardCharsets.UTF_8)));
      producer.commitTransaction();
      assertThat(sent).isDone();
    }
  }

  private static String first(EmbeddedKafka kafka) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers",
            kafka.bootstrapServers(),
            "auto.offset.reset",
            "earliest",
            "isolation.level",
            "read_committed");
    try (var consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(new TopicPartition(Topics.INCIDENTS, 0)));
      var records = consumer.poll(Duration.ofSeconds(20));
      return new String(records.iterator().next().value(), StandardCharsets.UTF_8);
    }
  }

  private static String config(EmbeddedKafka kafka, String topic, String key) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = Admin.create(config)) {
      return admin
          .describeConfigs(List.of(resource))
          .all()
          .get(20, TimeUnit.SECONDS)
          .get(resource)
          .get(key)
          .value();
    }
  }
}
