package io.foresplit.contract.jobfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.groups.Tuple.tuple;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFileTest {
  private static final String FULL =
      """
      # a comment
      id: demo
      model: lenet
      optimiser: { name: adam, learningRate: 1e-3 }
      batchSize: 32
      interval: 500 ms
      nodes:
        - { id: device, speed: 0.6, version: 1.4.2 }
        - { id: edge, speed: 2 }
        - { id: cloud, speed: 8 }
      links:
        - { between: [device, edge], up: 40 Mbit/s, down: 80 Mbit/s, delay: 5 ms, trace: walk }
        - { between: [edge, cloud], rate: 12.5 MB/s, delay: 0.015 s, upTrace: car }
      dataOwner: device
      labelHolders: [edge, cloud]
      minOwnerLayers: 1
      objectives:
        - { id: step-time, metric: step-seconds, bound: 350 ms, duration: 3 s, severity: critical }
        - { id: loss, metric: LOSS, bound: 1.5, duration: 1 min, severity: WARNING }
      cuts: [2, 4]
      """;

  @Test
  void readsEverythingWithItsUnits() throws JobFileException {
    JobFile file = parse(FULL);
    JobSpec job = file.job();

    assertThat(job.id()).isEqualTo(Fixtures.JOB);
    assertThat(job.interval()).isEqualTo(Duration.ofMillis(500));
    assertThat(job.layers()).isEqualTo(Fixtures.lenetJob().layers());
    assertThat(job.nodes()).first().isEqualTo(new NodeSpec(Fixtures.DEVICE, 0.6, "1.4.2"));
    assertThat(job.links())
        .contains(
            new LinkSpec(Fixtures.DEVICE, Fixtures.EDGE, 5e6, 0.005),
            new LinkSpec(Fixtures.EDGE, Fixtures.DEVICE, 10e6, 0.005),
            new LinkSpec(Fixtures.EDGE, Fixtures.CLOUD, 12.5e6, 0.015),
            new LinkSpec(Fixtures.CLOUD, Fixtures.EDGE, 12.5e6, 0.015));
    assertThat(job.labelHolders()).containsExactly(Fixtures.EDGE, Fixtures.CLOUD);
    assertThat(job.objectives())
        .extracting(Objective::metric, Objective::bound, Objective::duration, Objective::severity)
        .containsExactly(
            tuple(Metric.STEP_SECONDS, 0.35, Duration.ofSeconds(3), Severity.CRITICAL),
            tuple(Metric.LOSS, 1.5, Duration.ofMinutes(1), Severity.WARNING));
    assertThat(file.optimiser()).isEqualTo(new OptimiserSpec(OptimiserSpec.ADAM, 1e-3));
    assertThat(file.traces())
        .containsEntry(Fixtures.UPLINK, "walk")
        .containsEntry(ComponentId.link(Fixtures.EDGE, Fixtures.DEVICE), "walk")
        .containsEntry(ComponentId.link(Fixtures.EDGE, Fixtures.CLOUD), "car")
        .hasSize(3);
    assertThat(file.placement()).contains(Fixtures.placement());
  }

  @Test
  void aLinkMayBeDisturbedAndCompressed() throws JobFileException {
    JobFile file =
        parse(
            FULL.replace(
                "trace: walk",
                "trace: walk, jitter: 2 ms, loss: 0.5 %, compression: { keep: 20 %, bits: 6 }"));

    LinkDisturbance disturbance = new LinkDisturbance(0.002, 0.005);
    assertThat(file.disturbances())
        .containsOnly(
            Map.entry(Fixtures.UPLINK, disturbance),
            Map.entry(ComponentId.link(Fixtures.EDGE, Fixtures.DEVICE), disturbance));
    assertThat(file.compressions())
        .containsOnly(Map.entry(Fixtures.UPLINK, new Compression(0.2, 6)));
    assertThat(parse(FULL).disturbances()).isEmpty();
    assertThat(parse(FULL).compressions()).isEmpty();
  }

  @Test
  void aWrongDisturbanceOrCompressionIsToldWithItsLine() {
    assertThat(
            problems(
                FULL.replace(
                    "trace: walk",
                    "jitter: -1 ms, loss: 60 %, compression: { keep: 0, bits: 6, speed: 1 }")))
        .containsExactlyInAnyOrder(
            "job.yaml:12 links[0].compression: compression keep must be in (0, 1], was 0.0",
            "job.yaml:12 links[0].compression.speed: expected one of keep, bits, was an unknown key",
            "job.yaml:12 links[0]: jitterSeconds must be finite and at least 0, was -0.001");
    assertThat(problems(FULL.replace("trace: walk", "loss: 60 %, compression: [1]")))
        .containsExactlyInAnyOrder(
            "job.yaml:12 links[0].compression: expected a mapping, was a list",
            "job.yaml:12 links[0]: loss must be in [0, 0.5], was 0.6");
    String around =
        "  - { between: [device, cloud], rate: 9 MB/s, delay: 1 ms, compression: { keep: 1, bits: 4 } }";
    assertThat(problems(FULL.replace("dataOwner: device", around + "\ndataOwner: device")))
        .containsExactly(
            "job.yaml:14 links[2].compression: expected a link between neighbours of the chain"
                + " [device, edge, cloud], was [device, cloud]");
  }

  @Test
  void objectivesCutsAndMinOwnerLayersMayBeLeftOut() throws JobFileException {
    JobFile file =
        parse(FULL.substring(0, FULL.indexOf("minOwnerLayers")).replace("name: adam", "name: sgd"));
    assertThat(file.job().objectives()).isEmpty();
    assertThat(file.job().minOwnerLayers()).isEqualTo(1);
    assertThat(file.placement()).isEmpty();
    assertThat(file.optimiser().name()).isEqualTo(OptimiserSpec.SGD_MOMENTUM);
  }

  @Test
  void readsHowLayersOutliveTheirNodeAndLinksAroundNodes() throws Exception {
    String yaml =
        FULL.replace(
                "cuts: [2, 4]",
                "cuts: [2, 4]\nreplication: { everySteps: 30, to: [neighbour, 'folder:/kept'],"
                    + " ownerLayersTo: [edge, folder] }")
            .replace(
                "  - { between: [edge, cloud]",
                "  - { between: [device, cloud], rate: 1 MB/s, delay: 9 ms }\n"
                    + "  - { between: [edge, cloud]");
    JobFile file = parse(yaml);

    assertThat(file.replication())
        .contains(
            new ReplicationSpec(30, true, Optional.of("/kept"), List.of(Fixtures.EDGE), true));
    assertThat(file.job().link(Fixtures.DEVICE, Fixtures.CLOUD)).isPresent();
    assertThat(parse(FULL).replication()).isEmpty();
    String shortest = "cuts: [2, 4]\nreplication: { to: [neighbour] }";
    assertThat(parse(FULL.replace("cuts: [2, 4]", shortest)).replication())
        .contains(ReplicationSpec.toNeighbours(ReplicationSpec.DEFAULT_EVERY_STEPS));
    String rebalancing = "cuts: [2, 4]\nreplication: { to: [neighbour], rebalance: true }";
    assertThat(parse(FULL.replace("cuts: [2, 4]", rebalancing)).replication())
        .contains(ReplicationSpec.toNeighbours(ReplicationSpec.DEFAULT_EVERY_STEPS).rebalancing());
  }

  @Test
  void aReplicationThatCannotBeIsRefusedWithItsLine() {
    assertThat(problems(FULL.replace("cuts: [2, 4]", "replication: { everySteps: 0, to: [moon] }")))
        .containsExactly(
            "job.yaml:20 replication.everySteps: expected a positive number, was 0",
            "job.yaml:20 replication.to: expected neighbour or folder:PATH, was moon");
    assertThat(
            problems(
                FULL.replace("cuts: [2, 4]", "replication: { to: [neighbour], rebalance: maybe }")))
        .containsExactly("job.yaml:20 replication.rebalance: expected true or false, was maybe");
    assertThat(problems(FULL.replace("cuts: [2, 4]", "replication: { to: [] }")))
        .containsExactly("job.yaml:20 replication: replicas need a neighbour, a folder or both");
    assertThat(
            problems(
                FULL.replace(
                    "cuts: [2, 4]", "replication: { to: [neighbour], ownerLayersTo: [moon] }")))
        .containsExactly(
            "job.yaml:20 replication: expected what the job allows, was layers of the data owner"
                + " are to go to unknown node moon");
  }

  @Test
  void tellsAllProblemsAtOnceWithTheirLines() {
    String yaml =
        FULL.replace("batchSize: 32", "batchSize: many")
            .replace("interval: 500 ms", "interval: 500")
            .replace("speed: 2 }", "speed: 0 }")
            .replace("40 Mbit/s", "40 parsecs")
            .replace("dataOwner: device\n", "")
            .replace("severity: critical", "severity: dire, colour: red");
    assertThat(problems(yaml))
        .containsExactlyInAnyOrder(
            "job.yaml:2 dataOwner: expected a text, was missing",
            "job.yaml:5 batchSize: expected a whole number, was 'many'",
            "job.yaml:6 interval: expected a time such as '350 ms', was '500'",
            "job.yaml:9 nodes[1]: speed must be positive and finite, was 0.0",
            "job.yaml:12 links[0].up: expected a rate such as '40 Mbit/s' or '5 MB/s', or bytes per"
                + " second, was '40 parsecs'",
            "job.yaml:12 links[0].between: expected two nodes in the order of the chain [device, cloud],"
                + " was [device, edge]",
            "job.yaml:13 links[1].between: expected two nodes in the order of the chain [device, cloud],"
                + " was [edge, cloud]",
            "job.yaml:17 objectives[0].severity: expected one of warning, critical, was 'dire'",
            "job.yaml:17 objectives[0].colour: expected one of id, metric, bound, duration,"
                + " severity, was an unknown key");
  }

  @Test
  void whatTheJobItselfRefusesIsAProblem() {
    assertThat(problems(FULL.replace("labelHolders: [edge, cloud]", "labelHolders: [moon]")))
        .containsExactly("job.yaml:2: label holder moon is not a node of the job");
    assertThat(problems(FULL.replace("cuts: [2, 4]", "cuts: [0, 4]")))
        .containsExactly(
            "job.yaml:20 cuts: expected a placement the job allows, was [0, 4]: the first 1 layers"
                + " must stay on the data owner device");
    assertThat(problems(FULL.replace("cuts: [2, 4]", "cuts: [2]"))).hasSize(1);
    assertThat(problems(FULL.replace("model: lenet", "model: gpt")))
        .containsExactly(
            "job.yaml:3 model: expected a model that can be trained, was 'gpt': expected lenet");
  }

  @Test
  void whatIsNoYamlIsOneProblem() {
    assertThat(problems("id: [demo\nmodel: x"))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("job.yaml:");
    assertThat(problems("id: a\nid: b")).hasSize(1).first().asString().contains("Duplicate");
    assertThat(problems("- 1")).containsExactly("job.yaml:1: expected a mapping, was a list");
    assertThat(problems("")).isNotEmpty();
  }

  @Test
  void readsAFileAndSaysWhenItCannot(@TempDir Path folder) throws IOException, JobFileException {
    Path file = Files.writeString(folder.resolve("job.yaml"), FULL);
    assertThat(JobFile.read(file, JobFileTest::profile)).isEqualTo(parse(FULL));

    JobFileException e =
        catchThrowableOfType(
            JobFileException.class,
            () -> JobFile.read(folder.resolve("none.yaml"), JobFileTest::profile));
    assertThat(e.problems())
        .hasSize(1)
        .first()
        .asString()
        .contains("none.yaml: expected a readable");
  }

  private static List<String> problems(String yaml) {
    return catchThrowableOfType(JobFileException.class, () -> parse(yaml)).problems();
  }

  private static JobFile parse(String yaml) throws JobFileException {
    return JobFile.parse(yaml, "job.yaml", JobFileTest::profile);
  }

  private static List<LayerProfile> profile(String model, int batchSize) {
    if (!model.equals("lenet")) {
      throw new IllegalArgumentException("expected lenet");
    }
    return Fixtures.lenetJob().layers();
  }
}
