package io.foresplit.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.RunBuilder;
import io.foresplit.bench.report.EvaluationReport.About;
import io.foresplit.bench.report.EvaluationReport.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationReportTest {
  static final About ABOUT =
      new About(
          "quick",
          "simulated",
          "0.1.0-SNAPSHOT",
          new Machine("Linux", "amd64", "Eclipse Adoptium 17.0.15"),
          new TreeMap<>(
              Map.of(
                  "scoring", new TreeMap<>(Map.of("ramps", List.of("logistic"))),
                  "tuning", new TreeMap<>(Map.of("ramps", List.of("linear"))))));
  private static final TreeMap<String, Double> TIMING = new TreeMap<>(Map.of("totalSeconds", 12.5));

  @TempDir Path folder;

  @Test
  void reportHasItsShape() throws IOException {
    JsonNode report = written(PlausibleRuns.of(2));
    assertThat(report.properties().stream().map(Map.Entry::getKey))
        .containsExactly(
            "byCourse",
            "byKind",
            "byRuntime",
            "byTopology",
            "faults",
            "machine",
            "notes",
            "runs",
            "runtime",
            "scenarioHours",
            "scenarios",
            "seedNumbers",
            "seeds",
            "strategies",
            "suite",
            "tuning",
            "tuningByCourse",
            "tuningByKind",
            "tuningByTopology",
            "uses",
            "version");
    for (String name :
        List.of(
            "precision",
            "recall",
            "falseAlarmsPerJobDay",
            "leadSeconds",
            "timeInBreachSeconds",
            "componentTop1",
            "causeTop1",
            "avgAt5",
            "abstention",
            "recoverSeconds",
            "pauseMillis",
            "stepsLost",
            "throughputKept",
            "actionsPerJobHour")) {
      for (String figure : List.of("median", "low", "high", "worst")) {
        assertThat(report.at("/strategies/proactive/" + name + "/" + figure).isNumber())
            .as(name + " " + figure)
            .isTrue();
      }
    }
    assertThat(report.at("/strategies/none/recall/median").isNull()).isTrue();
    assertThat(report.at("/strategies/none/timeInBreachSeconds/median").isNumber()).isTrue();
    assertThat(report.at("/strategies/reactive/causeTop1/worst").isNull()).isTrue();
    assertThat(report.at("/byKind/jitter/proactive/recall/median").isNumber()).isTrue();
    assertThat(report.at("/byTopology").properties().stream().map(Map.Entry::getKey))
        .containsExactly("chain-4", "two-jobs-one-edge");
    assertThat(report.at("/tuningByTopology/clients-3/none").isObject()).isTrue();
    assertThat(report.at("/uses/tuning/topologies").toString()).isEqualTo("[\"clients-3\"]");
    assertThat(report.at("/uses/scoring/ramps").toString()).isEqualTo("[\"logistic\"]");
    assertThat(report.at("/scenarios").asInt()).isEqualTo(2 * 3 * 9);
    assertThat(report.at("/scenarioHours").asDouble()).isEqualTo(2 * 3 * 9 * 6 * 0.25);
    assertThat(report.at("/faults/scoring").toString())
        .isEqualTo("{\"breaching\":30,\"withoutBreach\":2}");
    assertThat(report.at("/machine").toString())
        .isEqualTo("{\"arch\":\"amd64\",\"java\":\"Eclipse Adoptium 17.0.15\",\"os\":\"Linux\"}");
  }

  @Test
  void sameRunsInAnyOrderGiveTheSameBytes() throws IOException {
    List<Run> runs = PlausibleRuns.of(2);
    List<Run> shuffled = new ArrayList<>(runs);
    Collections.shuffle(shuffled, new Random(4));
    EvaluationReport.write(folder.resolve("one"), ABOUT, runs, TIMING);
    EvaluationReport.write(folder.resolve("other"), ABOUT, shuffled, TIMING);
    for (String file : List.of("report.json", "timing.json", "runs.jsonl", "index.html")) {
      assertThat(folder.resolve("other").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("one").resolve(file));
    }
    assertThat(folder.resolve("one/runs.jsonl")).content().hasLineCount(runs.size());
    assertThat(folder.resolve("one/index.html").toFile().length()).isLessThan(2_000_000);
  }

  @Test
  void twoJobsOfAScenarioAreWatchedInTheSameHours() throws IOException {
    JsonNode report =
        written(
            List.of(
                RunBuilder.run().job("one").lasting(3600).build(),
                RunBuilder.run().job("two").lasting(3600).build()));
    assertThat(report.at("/scenarioHours").asDouble()).isEqualTo(1);
    assertThat(report.at("/notes").toString()).contains("One seed has no interval");
  }

  @Test
  void otherRuntimesStandApart() throws IOException {
    JsonNode report =
        written(
            List.of(RunBuilder.run().build(), RunBuilder.run().runtime("real").alarm(10).build()));
    assertThat(report.at("/strategies/proactive/abstention/median").asDouble()).isEqualTo(1);
    assertThat(report.at("/byRuntime/real/proactive/abstention/median").asDouble()).isZero();
  }

  @Test
  void valuesThatAreNoNumbersAreNullInRuns() throws IOException {
    written(List.of(RunBuilder.run().loss(Double.NaN, 1 / 3.0).build()));
    assertThat(folder.resolve("runs.jsonl"))
        .content()
        .contains("\"finalLoss\":null", "\"faultFreeLoss\":0.333333333,");
  }

  @Test
  void runsAreRefusedThatCannotBeReported() {
    Run run = RunBuilder.run().build();
    assertThatThrownBy(() -> written(List.of())).hasMessageContaining("at least one run");
    assertThatThrownBy(() -> written(List.of(run, run)))
        .hasMessageContaining("seed 1, scenario scenario, job job, strategy proactive");
    assertThatThrownBy(() -> written(List.of(RunBuilder.run().use("play").build())))
        .hasMessageContaining("must be scoring or tuning, was play");
  }

  @Test
  void figuresAreRoundedWithoutExponent() {
    assertThat(Figures.rounded(1 / 3.0, 6).toPlainString()).isEqualTo("0.333333");
    assertThat(Figures.rounded(1_234_567.8, 6).toPlainString()).isEqualTo("1234570");
    assertThat(Figures.rounded(-0.0, 6).toPlainString()).isEqualTo("0");
    assertThat(Figures.rounded(0.1 + 0.2, 6).toPlainString()).isEqualTo("0.3");
  }

  @Test
  void terminalHasALineForEachStrategyAndKind() {
    List<String> lines = TextReport.lines("simulated", PlausibleRuns.of(3));
    assertThat(lines).anyMatch(line -> line.startsWith("proactive ") && line.contains("["));
    assertThat(lines).anyMatch(line -> line.startsWith("none ") && line.contains("–"));
    assertThat(lines).anyMatch(line -> line.startsWith("normal:diurnal "));
    assertThat(lines).allMatch(line -> line.length() < 160);
  }

  private JsonNode written(List<Run> runs) throws IOException {
    EvaluationReport.write(folder, ABOUT, runs, TIMING);
    return new ObjectMapper().readTree(Files.readString(folder.resolve("report.json")));
  }
}
