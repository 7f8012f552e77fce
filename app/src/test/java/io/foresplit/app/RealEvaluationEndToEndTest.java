package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, real Kafka, real training. Run by the profile {@code ci}. */
@Tag("demo")
class RealEvaluationEndToEndTest {
  private static final String SCENARIO =
      """
      id: short
      duration: 58 s
      job:
        id: short
        model: lenet
        optimiser: { name: sgd-momentum, learningRate: 0.02 }
        batchSize: 32
        interval: 500 ms
        nodes:
          - { id: device, speed: 0.5 }
          - { id: edge, speed: 0.8 }
          - { id: cloud, speed: 1.5 }
        links:
          - { between: [device, edge], up: 50 Mbit/s, down: 100 Mbit/s, delay: 2 ms }
          - { between: [edge, cloud], up: 40 Mbit/s, down: 80 Mbit/s, delay: 5 ms }
        dataOwner: device
        labelHolders: [edge, cloud]
        minOwnerLayers: 1
        objectives:
          - { id: step-time, metric: step-seconds, bound: 280 ms, duration: 3 s, severity: critical }
        cuts: [1, 3]
      faults:
        - { kind: uplink-fade, target: device->edge, onset: 34 s, size: 15 }
      """;

  @TempDir Path folder;

  @Test
  void aRealRunStandsBesideTheSimulatedOneOfTheSameScenario() throws Exception {
    Path file = folder.resolve("short.yaml");
    Files.writeString(file, SCENARIO);
    Path report = folder.resolve("report");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                Main.class.getName(),
                "evaluate",
                "--runtime",
                "real",
                "--scenario",
                file.toString(),
                "--report",
                report.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(150, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    JsonNode json = new ObjectMapper().readTree(report.resolve("report.json").toFile());
    assertThat(json.at("/runtime").asText()).isEqualTo("real");
    for (String runtime : List.of("real", "simulated")) {
      JsonNode product = json.at("/byRuntime/" + runtime + "/proactive");
      assertThat(product.at("/recall/median").asDouble()).as(runtime).isEqualTo(1);
      assertThat(product.at("/causeTop1/median").asDouble()).as(runtime).isEqualTo(1);
      assertThat(product.at("/actionsPerJobHour/median").asDouble()).as(runtime).isPositive();
    }
    assertThat(report.resolve("progress.jsonl")).doesNotExist();
  }
}
