package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code foresplit split} and {@code foresplit profile}, as called. */
class SplitCommandTest {
  private static final String MODEL =
      """
      {"model": "small", "layers": [
        {"name": "a", "forwardSeconds": 1, "backwardSeconds": 1, "outputBytes": 400,
         "parameterBytes": 100, "optimiserBytes": 100},
        {"name": "b", "forwardSeconds": 1, "backwardSeconds": 1, "outputBytes": 100},
        {"name": "c", "forwardSeconds": 4, "backwardSeconds": 4, "outputBytes": 4,
         "parameterBytes": 200, "optimiserBytes": 200}
      ]}
      """;

  private static final String NETWORK =
      """
      tiers:
        - { name: device, speed: 1 }
        - { name: edge, speed: 2 }
        - { name: cloud, speed: 8 }
      links:
        - { between: [device, edge], up: 100, down: 200, roundTrip: 500 ms }
        - { between: [edge, cloud], up: 100, down: 100, roundTrip: 0 }
      """;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;
  private Path model;
  private Path network;

  @BeforeEach
  void files() throws IOException {
    model = Files.writeString(folder.resolve("small.json"), MODEL);
    network = Files.writeString(folder.resolve("network.yaml"), NETWORK);
  }

  private int run(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("split", "--model", model.toString(), "--network", network.toString()));
    arguments.addAll(List.of(more));
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(String[]::new));
  }

  private JsonNode json(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--json");
    assertThat(run(arguments.toArray(String[]::new))).as(err.toString()).isZero();
    return new ObjectMapper().readTree(out.toString());
  }

  @Test
  void jsonTellsTheBestCutItsPriceAndTheOthers() throws Exception {
    JsonNode root = json("--tiers", "device,edge");
    JsonNode best = root.get("best");
    // a and b on the device 4 s; 1 s up, 0.5 s down, 0.5 s round trip; c on the edge 4 s
    assertThat(best.get("stepSeconds").asDouble()).isCloseTo(10, within(1e-9));
    assertThat(best.get("optimal").asBoolean()).isTrue();
    assertThat(best.get("tierOfLayer").toString())
        .isEqualTo("{\"a\":\"device\",\"b\":\"device\",\"c\":\"edge\"}");
    assertThat(best.get("links").get(0).get("tensors").toString()).isEqualTo("[\"b\"]");
    assertThat(root.get("cuts")).hasSize(3);
    JsonNode cut = root.get("cuts").get(1);
    assertThat(cut.get("layersOnTier").toString()).isEqualTo("[2,1]");
    assertThat(cut.get("computeSeconds").toString()).isEqualTo("[4.0,4.0]");
    assertThat(cut.get("linkSeconds").toString()).isEqualTo("[2.0]");
    assertThat(json("--tiers", "2").get("best")).isEqualTo(best);
    assertThat(root.get("cuts").get(0).get("objectiveSeconds").asDouble())
        .isCloseTo(13.5, within(1e-9));
    assertThat(json("--tiers", "2", "--objective", "pipelined").at("/best/stepSeconds").asDouble())
        .isCloseTo(5.875, within(1e-9));
    assertThat(root.get("runnersUp").get(0).get("objectiveSeconds").asDouble())
        .isCloseTo(12, within(1e-9));
    assertThat(root.get("runnersUp").get(0).get("cutAfter").asText()).isEqualTo("c");
  }

  @Test
  void peopleGetAShortTable() {
    assertThat(run()).isZero();
    assertThat(out.toString())
        .contains("small, 3 layers, raw data on device: device → edge → cloud")
        .contains("proven optimal")
        .contains("after b");
    assertThat(out.toString().lines().count()).isLessThan(25);
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void rulesAreKept() throws Exception {
    assertThat(json("--labels", "cloud").at("/best/tierOfLayer/c").asText()).isEqualTo("cloud");
    assertThat(json("--pin", "b=edge,cloud").at("/best/tierOfLayer/b").asText())
        .isIn("edge", "cloud");
    JsonNode pipelined = json("--objective", "pipelined", "--micro-batches", "8");
    assertThat(pipelined.get("microBatches").asInt()).isEqualTo(8);
  }

  @Test
  void aPresentPlacementIsLeftOnlyWhenThatPays() throws Exception {
    json("--pin", "b=device", "--pin", "c=device");
    Path now = Files.writeString(folder.resolve("now.json"), out.toString());
    JsonNode hasty = json("--tiers", "device,edge", "--from", now.toString(), "--horizon", "1");
    assertThat(hasty.at("/best/tierOfLayer/c").asText()).isEqualTo("device");
    assertThat(hasty.get("stayingSeconds").asDouble()).isCloseTo(12, within(1e-9));
    JsonNode patient = json("--tiers", "device,edge", "--from", now.toString(), "--horizon", "100");
    assertThat(patient.at("/best/tierOfLayer/c").asText()).isEqualTo("edge");
    assertThat(patient.at("/best/moveSeconds").asDouble()).isCloseTo(4.1, within(1e-9));
    assertThat(run("--from", now.toString())).isZero();
    assertThat(out.toString()).contains("move: takes");
  }

  @Test
  void badInputIsOneLineAndCode2() throws Exception {
    List<List<String>> wrong =
        List.of(
            List.of("--pin", "b"),
            List.of("--pin", "z=edge"),
            List.of("--pin", "b=moon"),
            List.of("--tiers", "device,moon"),
            List.of("--tiers", "4"),
            List.of("--labels", "moon"),
            List.of("--objective", "pipelined", "--micro-batches", "0"),
            List.of("--exchange-every", "-1"),
            List.of("--from", model.toString()),
            List.of("--from", network.toString()),
            List.of("--from", "none.json"),
            List.of("--pin", "b=cloud", "--pin", "c=device"));
    for (List<String> options : wrong) {
      assertThat(run(options.toArray(String[]::new))).as("%s", options).isEqualTo(2);
      assertThat(err.toString().lines()).as("%s", options).hasSize(1);
      assertThat(err.toString()).startsWith("foresplit: ");
      assertThat(out.toString()).isEmpty();
    }
    Files.writeString(model, MODEL.replace("\"outputBytes\": 100", "\"outputBytes\": NaN"));
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("foresplit: " + model + ":4 layers[1].outputBytes: expected a size")
        .hasLineCount(1);
  }

  @Test
  void aMeasuredProfileCanBePlanned() throws Exception {
    StringWriter written = new StringWriter();
    int code =
        Main.commandLine()
            .setOut(new PrintWriter(written, true))
            .execute(
                "profile",
                "--model",
                "mlp",
                "--batch",
                "4",
                "--repetitions",
                "3",
                "--out",
                model.toString());
    assertThat(code).isZero();
    assertThat(json().get("layers").asInt()).isEqualTo(3);
    assertThat(
            Main.commandLine()
                .setErr(new PrintWriter(err, true))
                .execute("profile", "--model", "no-such-model"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("model must be one of");
  }
}
