package io.foresplit.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Profiles and networks: what is read, and what is refused with file, line and reason. */
class PlanFilesTest {
  private static final String PIPEDREAM =
      """
      node10 -- Add -- forward_compute_time=0.0, backward_compute_time=0.0, \
      activation_size=400.0, parameter_size=0.0 -- stage_id=1
      node2 -- LSTM(4, 4  (x): y -- z) -- forward_compute_time=1.5, backward_compute_time=2.5, \
      activation_size=[300.0; 60.0; 40.0], parameter_size=128.000
      node1 -- Input0 -- forward_compute_time=99.0, backward_compute_time=0.0, \
      activation_size=64.0, parameter_size=0.0
      node3 -- __getitem__(1) -- forward_compute_time=0.0, backward_compute_time=0.0, \
      activation_size=60.0, parameter_size=0.0

      \tnode1 -- node2
      \tnode2 -- node10
      \tnode2 -- node3
      """;

  private static final String PROFILE =
      """
      {"model": "small", "batch": 8, "layers": [
        {"name": "a", "forwardSeconds": 0.5, "backwardSeconds": 1e-1, "outputBytes": 100,
         "parameterBytes": 10, "optimiserBytes": 20, "activationBytes": 30},
        {"name": "b", "forwardSeconds": 0, "backwardSeconds": 0, "outputBytes": 50,
         "gradientBytes": 0},
        {"name": "c", "inputs": ["a", "b"], "forwardSeconds": 1, "backwardSeconds": 1,
         "outputBytes": 4}
      ]}
      """;

  private static final String NETWORK =
      """
      tiers:
        - { name: device, speed: 0.5, memory: 2 GB }
        - { name: edge, layerSeconds: { a: 0.25, b: 1 ms, c: 2 } }
        - { name: cloud, speed: 4 }
      links:
        - { between: [device, edge], up: 40 Mbit/s, down: 10e6, roundTrip: 30 ms }
        - { between: [edge, cloud], up: 125e6, down: 125e6, roundTrip: 0.01 }
      labels: [cloud]
      """;

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("sample.graph.txt"), text);
  }

  private String refused(String text) throws IOException {
    Path file = file(text);
    List<String> message = new ArrayList<>();
    assertThatExceptionOfType(PlanFileException.class)
        .isThrownBy(() -> ModelFile.read(file))
        .satisfies(e -> message.add(e.getMessage()));
    assertThat(message.get(0)).startsWith(file.toString()).doesNotContain("\n");
    return message.get(0).substring(file.toString().length());
  }

  private NetworkFile network(String text) throws Exception {
    ModelGraph model = ModelFile.read(file(PROFILE));
    return NetworkFile.read(file(text), model);
  }

  private String refusedNetwork(String text) throws Exception {
    ModelGraph model = ModelFile.read(file(PROFILE));
    Path file = file(text);
    List<String> message = new ArrayList<>();
    assertThatExceptionOfType(PlanFileException.class)
        .isThrownBy(() -> NetworkFile.read(file, model))
        .satisfies(e -> message.add(e.getMessage()));
    assertThat(message.get(0)).startsWith(file.toString()).doesNotContain("\n");
    return message.get(0).substring(file.toString().length());
  }

  @Test
  void pipeDreamIsReadInTheOrderItRanWithoutItsInputs() throws Exception {
    ModelGraph model = ModelFile.read(file(PIPEDREAM));
    assertThat(model.name()).isEqualTo("sample");
    assertThat(model.layers())
        .containsExactly(
            new Layer(
                "node2",
                "LSTM(4, 4 (x): y -- z)",
                List.of(),
                0.0015,
                0.0025,
                new LayerBytes(400, 400, 128, 128, 400),
                true,
                false),
            new Layer(
                "node3",
                "__getitem__(1)",
                List.of(0),
                0,
                0,
                new LayerBytes(60, 60, 0, 0, 60),
                false,
                false),
            new Layer(
                "node10",
                "Add",
                List.of(0),
                0,
                0,
                new LayerBytes(400, 400, 0, 0, 400),
                false,
                true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "node3 -- __getitem__(1)|node2 -- __getitem__(1)|:4: node node2 is there twice",
        "forward_compute_time=1.5|forward_compute_time=nan"
            + "|:2: expected forward_compute_time as a number, was 'nan'",
        "forward_compute_time=1.5|forward_compute_time=NaN"
            + "|:2: expected forward_compute_time of at least 0, was NaN",
        "forward_compute_time=1.5|forward_compute_time=Infinity"
            + "|:2: expected forward_compute_time of at most",
        "backward_compute_time=2.5|backward_compute_time=-1"
            + "|:2: expected backward_compute_time of at least 0, was -1",
        "[300.0; 60.0; 40.0]|[300.0; x]|:2: expected activation_size as a number, was ' x'",
        "[300.0; 60.0; 40.0]|[300.0; 60.0|:2: expected key=value pairs, was 'activation_size=[",
        "parameter_size=128.000|size=1|:2: expected parameter_size, it is missing",
        "node2 -- node10|node2 -- node11|:7: the edge names node node11",
        "node2 -- node10|node2 node10|:7: expected an edge 'from -- to', was 'node2 node10'",
        "node1 -- node2|node10 -- node2|: expected a graph without circles, node node10",
        "node10 -- Add -- |node10 - Add - |:1: expected 'id -- operation --",
        "node1 -- Input0 -- |node1 -- |:3: expected 'id -- operation --",
      })
  void aBrokenPipeDreamFileIsRefused(String right, String wrong, String reason) throws Exception {
    assertThat(PIPEDREAM).contains(right);
    assertThat(refused(PIPEDREAM.replace(right, wrong))).startsWith(reason);
  }

  @Test
  void onlyInputsAreNoModel() throws Exception {
    assertThat(refused(PIPEDREAM.lines().filter(l -> l.contains("Input0")).findFirst().get()))
        .contains("must have 1 to");
  }

  @Test
  void aProfileIsReadWithItsDefaults() throws Exception {
    ModelGraph model = ModelFile.read(file(PROFILE));
    assertThat(model)
        .isEqualTo(
            new ModelGraph(
                "small",
                List.of(
                    new Layer(
                        "a",
                        "",
                        List.of(),
                        0.5,
                        0.1,
                        new LayerBytes(100, 100, 10, 20, 30),
                        true,
                        false),
                    new Layer(
                        "b", "", List.of(0), 0, 0, new LayerBytes(50, 0, 0, 0, 50), false, false),
                    new Layer(
                        "c",
                        "",
                        List.of(0, 1),
                        1,
                        1,
                        new LayerBytes(4, 4, 0, 0, 4),
                        false,
                        true))));
  }

  @Test
  void aWrittenProfileReadsBackTheSame() throws Exception {
    for (ModelGraph model : List.of(ModelShapes.resNet50(), new RandomSplits(3).dag(20))) {
      String json = ProfileFile.json(model, new ProfileFile.About(32, "made up"));
      ModelGraph read = ModelFile.read(file(json));
      assertThat(read.layers().subList(0, read.layers().size() - 1))
          .usingRecursiveComparison()
          .ignoringFields("readsLabels")
          .isEqualTo(model.layers().subList(0, read.layers().size() - 1));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"outputBytes\": 50|\"outputBytes\": -50|:4 layers[1]: outputBytes must be 0 to",
        "\"outputBytes\": 50|\"outputByte\": 50|:4 layers[1].outputBytes: expected a size",
        "\"forwardSeconds\": 0,|\"forwardSeconds\": NaN,|:4 layers[1].forwardSeconds: expected a time",
        "\"forwardSeconds\": 0,|\"forwardSeconds\": 1e300,"
            + "|:4 layers[1]: forwardSeconds of layer b must be 0 to",
        "[\"a\", \"b\"]|[\"a\", \"d\"]|:6 layers[2].inputs: expected names of layers above, was 'd'",
        "\"forwardSeconds\": 0,|\"forwardSeconds\": 1e999,|:4 layers[1].forwardSeconds: expected",
        "\"name\": \"b\"|\"name\": \"a\"|:4 layers[1]: layer a is there twice",
        "]}|]|:8: expected valid YAML, was",
      })
  void aBrokenProfileIsRefused(String right, String wrong, String reason) throws Exception {
    assertThat(PROFILE).contains(right);
    assertThat(refused(PROFILE.replace(right, wrong))).startsWith(reason);
  }

  @Test
  void noFileFolderAndNoTextAreRefused() throws Exception {
    assertThatExceptionOfType(PlanFileException.class)
        .isThrownBy(() -> ModelFile.read(folder.resolve("none.json")))
        .withMessageEndingWith("none.json: expected a readable file, there is none");
    assertThatExceptionOfType(PlanFileException.class).isThrownBy(() -> ModelFile.read(folder));
    Path binary = Files.write(folder.resolve("b"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThatExceptionOfType(PlanFileException.class).isThrownBy(() -> ModelFile.read(binary));
    assertThat(refused("")).contains("must have 1 to");
    Path empty = Files.writeString(folder.resolve("empty.json"), "");
    assertThatExceptionOfType(PlanFileException.class)
        .isThrownBy(() -> ModelFile.read(empty))
        .withMessageContaining("empty.json:1 model: expected");
  }

  @Test
  void aNetworkIsRead() throws Exception {
    NetworkFile read = network(NETWORK);
    assertThat(read.labels()).isEqualTo(Set.of("cloud"));
    assertThat(read.network().tierNames()).containsExactly("device", "edge", "cloud");
    assertThat(read.network().tiers().get(0))
        .isEqualTo(new Tier("device", 0.5, java.util.Map.of(), 2e9));
    assertThat(read.network().tiers().get(1).layerSeconds()).containsEntry("b", 0.001);
    assertThat(read.network().links().get(0)).isEqualTo(new TierNetwork.Link(5e6, 1e7, 0.03));
    assertThat(read.network().links().get(1).roundTripSeconds()).isEqualTo(0.01);
  }

  @Test
  void aTierIsMeasuredByAProfileBesideTheNetwork() throws Exception {
    Files.writeString(folder.resolve("edge.json"), PROFILE);
    String network =
        NETWORK.replace("layerSeconds: { a: 0.25, b: 1 ms, c: 2 }", "profile: edge.json");
    assertThat(network(network).network().tiers().get(1).layerSeconds())
        .containsEntry("a", 0.6)
        .containsEntry("c", 2.0);
    assertThat(refusedNetwork(network.replace("edge.json", "none.json")))
        .startsWith(":3 tiers[1].profile: expected a profile");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "speed: 4|speed: 0|:4 tiers[2]: speed of cloud must be",
        "speed: 4|velocity: 4|:4 tiers[2].speed: expected a number, was missing",
        "memory: 2 GB|memory: much|:2 tiers[0].memory: expected a size",
        "memory: 2 GB|memory: 1e400|:2 tiers[0].memory: expected a size",
        "up: 40 Mbit/s|up: 1e999|:6 links[0].up: expected a rate",
        "speed: 4|speed: .inf|:4 tiers[2].speed: expected a number",
        "b: 1 ms|d: 1 ms|:3 tiers[1].layerSeconds: expected seconds of every layer of small, was"
            + " without layer b",
        "a: 0.25|a: -0.25|:3 tiers[1]: layerSeconds of a of edge must be",
        "memory: 2 GB|memory: 0|:2 tiers[0]: memory of tier device must be positive",
        "up: 40 Mbit/s|up: 0|:6 links[0]: up bytes/s of link must be",
        "roundTrip: 30 ms|roundTrip: -1|:6 links[0]: round trip seconds",
        "[device, edge]|[device, cloud]|:6 links[0].between: expected [device, edge]",
        "name: cloud|name: edge|:7 links[1].between: expected [edge, edge]",
        "labels: [cloud]|labels: [moon]|:8 labels: expected names of tiers, was 'moon'",
        "labels: [cloud]|lables: [cloud]|:8 lables: expected one of",
      })
  void aBrokenNetworkIsRefused(String right, String wrong, String reason) throws Exception {
    assertThat(NETWORK).contains(right);
    assertThat(refusedNetwork(NETWORK.replace(right, wrong))).startsWith(reason);
  }

  @Test
  void aTierLeftOutRelays() throws Exception {
    TierNetwork two = network(NETWORK).network().only(Set.of("device", "cloud"));
    assertThat(two.tierNames()).containsExactly("device", "cloud");
    TierNetwork.Link link = two.links().get(0);
    assertThat(link.roundTripSeconds()).isCloseTo(0.04, within(1e-12));
    assertThat(1 / link.upBytesPerSecond()).isCloseTo(1 / 5e6 + 1 / 125e6, within(1e-15));
  }

  /** Profiles that PipeDream published: a chain, a graph, and one with tuples and several ends. */
  @ParameterizedTest
  @ValueSource(strings = {"vgg16", "resnet18", "gnmt"})
  void aPublishedProfileCanBePlanned(String name) throws Exception {
    Path file =
        Path.of(
            Objects.requireNonNull(getClass().getResource("/pipedream/" + name + ".graph.txt"))
                .toURI());
    ModelGraph model = ModelFile.read(file);
    for (int tiers = 2; tiers <= 3; tiers++) {
      SplitRequest request = SplitRequest.of(ModelShapes.network(tiers));
      DagCutPlanner planner = DagCutPlanner.of(model);
      SplitPlan plan = planner.plan(request);
      assertThat(plan.optimal()).isTrue();
      assertThat(planner.cuts(request))
          .isNotEmpty()
          .allSatisfy(
              cut ->
                  assertThat(plan.objectiveSeconds())
                      .isLessThanOrEqualTo(cut.objectiveSeconds() * (1 + 1e-9)));
    }
  }
}
