package io.foresplit.app.bench.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.app.Main;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of the benchmark with real processes. Run by the profile {@code ci}. */
@Tag("demo")
class RuntimeBenchEndToEndTest {
  private static final long LIMIT_SECONDS = 600;

  @TempDir Path folder;

  @Test
  void theShortRunHasAllFiguresAndLosesNoMoreThanItMay() throws Exception {
    Path report = folder.resolve("report.json");
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "bench",
                "runtime",
                "--quick",
                "--data",
                folder.resolve("data").toString(),
                "--report",
                report.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String text = Files.readString(output, StandardCharsets.UTF_8);

    assertThat(process.exitValue()).as(text).isZero();
    JsonNode figures = new ObjectMapper().readTree(report.toFile());
    for (String way : List.of("", "/restart")) {
      assertThat(figures.at(way + "/move/pauseMillis").asDouble(-1)).as(text).isNotNegative();
      assertThat(figures.at(way + "/recovery/seconds").asDouble()).as(text).isPositive();
      assertThat(figures.at(way + "/throughputKept").asDouble(-1)).as(text).isBetween(0.0, 1.2);
      assertThat(figures.at(way + "/move/stepsLost").isNumber()).isTrue();
    }
    int most = figures.at("/setting/replicationSteps").asInt();
    assertThat(figures.at("/move/stepsLost").asDouble()).as(text).isZero();
    assertThat(figures.at("/recovery/stepsLost").asDouble(-1))
        .as(text)
        .isBetween(0.0, (double) most);
    assertThat(figures.at("/machine/adequate").isBoolean()).isTrue();
    assertThat(figures.at("/machine/adequate").asBoolean())
        .isEqualTo(figures.at("/machine/reason").asText().isEmpty());
    assertThat(figures.at("/adaptive/fixed")).hasSize(4);
    assertThat(figures.at("/adaptive/seconds").asDouble()).isPositive();
    assertThat(text).contains("| | Foresplit, live | Checkpoint and restart |");
    assertThat(folder.resolve("data")).isEmptyDirectory();
  }
}
