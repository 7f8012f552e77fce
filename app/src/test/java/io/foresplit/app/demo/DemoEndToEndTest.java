package io.foresplit.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.foresplit.app.Dashboards;
import io.foresplit.app.config.ModelsFolder;
import io.foresplit.contract.Rejection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, real Kafka, real training. Run by the profile {@code ci}. */
@Tag("demo")
class DemoEndToEndTest {
  private static final String SHORT = "80";
  private static final int HOSTILE = 10_000;

  @TempDir Path data;

  /** While hostile records come in, and Prometheus reads the metrics, where it is installed. */
  @Test
  void aFadingUplinkIsForeseenNamedAndHealed() throws Exception {
    try (DemoProcess demo =
            DemoProcess.start(data, "--model", "none", "--seed", "1", "--duration", SHORT);
        HostileRecords hostile = new HostileRecords(address(demo, "kafka"), 1);
        @Nullable PrometheusProcess prometheus = prometheus(address(demo, "console"))) {
      long from = Instant.now().getEpochSecond();
      demo.awaitLine(line -> line.contains("first step"));
      hostile.send(HOSTILE / 2);
      demo.awaitLine(line -> line.contains("incident"));
      hostile.send(HOSTILE / 2);
      Map<Long, Rejection> rejections = hostile.rejections();
      demo.awaitLine(line -> line.contains("Summary"));
      if (prometheus != null) {
        assertEveryQueryHasData(prometheus, from, Instant.now().getEpochSecond());
      }
      int exit = demo.awaitExit();

      assertThat(rejections)
          .hasSize(HOSTILE)
          .allSatisfy((offset, rejection) -> assertThat(rejection.reason()).isNotBlank());
      JsonNode report = demo.report();
      assertThat(report.at("/training/stepsLost").asLong()).isZero();
      assertThat(report.at("/diagnosis/cause").asText()).isEqualTo("uplink-fade");
      assertThat(report.at("/diagnosis/component").asText())
          .isEqualTo(report.at("/fault/component").asText());
      assertThat(report.at("/alarm/leadSeconds").asDouble()).isPositive();
      assertThat(report.at("/action/kind").asText()).isEqualTo("move-layers");
      assertThat(report.at("/incidents").asInt()).isEqualTo(1);
      assertThat(exit).as(report.at("/problems").toString()).isZero();
    }
  }

  private @Nullable PrometheusProcess prometheus(String console) throws Exception {
    Optional<Path> program = PrometheusProcess.program();
    if (program.isEmpty()) {
      System.out.println("dashboards are not checked: install prometheus (Debian: prometheus)");
      return null;
    }
    return PrometheusProcess.start(
        program.get(), data.resolve("prometheus"), console.replace("http://", ""));
  }

  private static void assertEveryQueryHasData(PrometheusProcess prometheus, long from, long to)
      throws Exception {
    assertThat(prometheus.labelValues("foresplit_ticks_total", "job")).containsExactly("demo");
    for (String query : Dashboards.queries()) {
      assertThat(prometheus.points(query.replace("$job", ".*"), from, to, 5))
          .as(query)
          .isPositive();
    }
  }

  /** With the language model that is on this machine, if there is one. */
  @Test
  void driftingLabelsAreNamedAndNothingIsMoved() throws Exception {
    String[] arguments = {"--fault", "label-drift", "--seed", "1", "--duration", SHORT};
    try (DemoProcess demo = DemoProcess.start(data, arguments)) {
      String model = demo.awaitLine(line -> line.startsWith("  model "));
      assertThat(model)
          .contains(
              ModelsFolder.of(System.getenv()).names().stream()
                  .findFirst()
                  .map(name -> " " + name + ", on this machine")
                  .orElse("none, statistics alone (for one that explains: ./foresplit model pull"));
      int exit = demo.awaitExit();
      JsonNode report = demo.report();
      assertThat(report.at("/diagnosis/cause").asText()).isEqualTo("label-drift");
      assertThat(report.at("/action/moves").asInt()).isZero();
      assertThat(demo.text()).doesNotContain("Exception");
      assertThat(exit).as(report.at("/problems").toString()).isZero();
    }
  }

  /** An address that the demo prints while it starts. */
  private static String address(DemoProcess demo, String name) throws Exception {
    String line = demo.awaitLine(l -> l.startsWith("  " + name + " "));
    return line.substring(line.lastIndexOf(' ') + 1);
  }

  @Test
  void aServiceKilledInTheMiddleOfAnActionFinishesItOnceWhenStartedAgain() throws Exception {
    String[] arguments = {"--seed", "2", "--model", "none", "--duration", SHORT, "--keep-nodes"};
    List<Long> nodes;
    try (DemoProcess first = DemoProcess.start(data, arguments)) {
      first.awaitLine(line -> line.contains("→"));
      nodes = pids();
      first.kill();
      assertThat(nodes).hasSize(4).allMatch(pid -> ProcessHandle.of(pid).isPresent());
    }
    try (DemoProcess second = DemoProcess.start(data, arguments)) {
      second.awaitLine(line -> line.contains("going on with them"));
      second.awaitExit();
      JsonNode report = second.report();
      assertThat(report.at("/training/stepsLost").asLong()).isZero();
      assertThat(report.at("/action/kind").asText()).isEqualTo("move-layers");
      assertThat(report.at("/diagnosis/component").asText())
          .isEqualTo(report.at("/fault/component").asText());
      assertThat(report.at("/incidents").asInt()).isEqualTo(1);
    }
    assertThat(nodes).noneMatch(DemoEndToEndTest::isRunning);
  }

  /** A process that has ended may still be listed until its new parent has taken its exit code. */
  private static boolean isRunning(long pid) {
    return ProcessHandle.of(pid).flatMap(process -> process.info().command()).isPresent();
  }

  private List<Long> pids() throws Exception {
    JsonNode kept =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(Files.readString(data.resolve("kept-nodes.json")));
    return StreamSupport.stream(kept.get("pids").spliterator(), false)
        .map(JsonNode::asLong)
        .toList();
  }

  @Test
  void aSignalEndsEveryProcessWithinTenSeconds() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data, "--fault", "none", "--model", "none")) {
      demo.awaitLine(line -> line.contains("first step"));
      List<ProcessHandle> children = demo.handle().descendants().toList();
      assertThat(children).isNotEmpty();
      demo.terminate();
      for (ProcessHandle child : children) {
        child.onExit().get(10, TimeUnit.SECONDS);
      }
      demo.handle().onExit().get(10, TimeUnit.SECONDS);
    }
  }
}
