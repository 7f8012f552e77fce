package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.kafka.EmbeddedKafka;
import io.foresplit.app.kafka.TopicWriter;
import io.foresplit.app.view.SyntheticRun;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ObjectivesCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void proposesLinesForTheJobFileFromWhatTheJobReported(@TempDir Path folder) {
    SyntheticRun run = new SyntheticRun(1_000);
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
        TopicWriter writer = new TopicWriter(kafka)) {
      for (int step = 0; step < SyntheticRun.RESOLVED + 110; step++) {
        run.interval(step, writer);
      }
      writer.flush();
      String job = SyntheticRun.JOB.value();
      String address = kafka.bootstrapServers();
      assertThat(run("objectives", "suggest", job, "--kafka", address, "--duration", "2s"))
          .as(err.toString())
          .isZero();
      assertThat(out.toString())
          .startsWith("# fashion-mnist, healthy intervals of 500 ms; stayed above for 2 s")
          .containsPattern(
              "- \\{ id: step-time, metric: step-seconds, bound: [\\d.]+ ms, duration: 2 s, ");

      assertThat(run("objectives", "suggest", "other", "--kafka", address)).isEqualTo(1);
      assertThat(err.toString())
          .contains("no job other in Kafka at " + address + "; there are [fashion-mnist]");
    }
  }

  @Test
  void aFolderWithoutABrokerIsSaid(@TempDir Path folder) throws Exception {
    Path config = folder.resolve("foresplit.yaml");
    Files.writeString(config, "dataDir: " + folder.resolve("none") + "\n");
    assertThat(run("objectives", "suggest", "job", "--config", config.toString())).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("no embedded Kafka was ever started in");
  }

  @Test
  void aWrongTimeIsSaid() {
    assertThat(run("objectives", "suggest", "job", "--duration", "soon")).isEqualTo(2);
    assertThat(err.toString())
        .contains("expected a positive duration such as 500ms, 30s, 2m or 1h");
  }
}
