package io.foresplit.contract.jobfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foresplit.contract.Fixtures;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.contract.wire.Codecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients and modes, by the example files of the repository. */
class ClientsOfJobFilesTest {
  private static final Path EXAMPLES = Path.of("..", "deploy", "jobs");

  @ParameterizedTest
  @ValueSource(strings = {"sequential", "parallel", "split-federated", "u-shaped", "pipeline"})
  void examplesAreReadAndGoOverTheWire(String name) throws Exception {
    JobFile file = parse(example(name));
    JobSpec job = file.job();
    assertThat(file.placement().orElseThrow().violations(job)).isEmpty();
    SplitTopology topology =
        new SplitTopology(job, 0, file.placement().orElseThrow(), Instant.EPOCH);
    assertThat(Codecs.TOPOLOGY.decode(Codecs.TOPOLOGY.encode(topology))).isEqualTo(topology);
  }

  @Test
  void theFirstClientBeginsTheChainAndTheOthersAreItsPeers() throws Exception {
    JobSpec job = parse(example("split-federated")).job();
    assertThat(job.nodes())
        .extracting(n -> n.id().value())
        .containsExactly("phone-1", "edge", "cloud");
    assertThat(job.clients())
        .extracting(NodeId::value)
        .containsExactly("phone-1", "phone-2", "phone-3");
    assertThat(job.tier(new NodeId("phone-3"))).isZero();
    assertThat(job.scheme().mode()).isEqualTo(Mode.SPLIT_FEDERATED);
    assertThat(job.scheme().sharding()).isEqualTo(Sharding.BY_LABEL);
    assertThat(job.scheme().averageEvery()).isEqualTo(10);
  }

  @Test
  void inAUShapeTheLastLayersAndTheLabelsAreOnTheClient() throws Exception {
    JobFile file = parse(example("u-shaped"));
    List<NodeId> holders = file.placement().orElseThrow().nodeOfLayer();
    assertThat(holders.get(holders.size() - 1)).isEqualTo(new NodeId("phone-1"));
    assertThat(file.job().labelHolders()).containsExactly(new NodeId("phone-1"));
  }

  @Test
  void whatDoesNotFitIsToldWithLineAndReason() throws Exception {
    assertThat(problems(example("parallel").replace("stragglerTimeout: 200 ms\n", "")))
        .containsExactly("job.yaml:22 quorum: expected a stragglerTimeout beside it, was 2");
    assertThat(problems(example("parallel").replace("quorum: 2", "quorum: 4")))
        .containsExactly("job.yaml:1: quorum must be between 1 and the 3 clients, was 4");
    assertThat(problems(example("sequential").replace("turnSteps: 20\n", "")))
        .singleElement()
        .asString()
        .contains("turnSteps must be at least 1 in mode sequential");
    assertThat(problems(example("sequential").replace("mode: sequential", "mode: relay")))
        .singleElement()
        .asString()
        .contains("job.yaml:21 mode: expected one of chain, sequential, parallel");
    assertThat(problems(example("u-shaped").replace("tailLayers: 1", "tailLayers: 6")))
        .singleElement()
        .asString()
        .contains("tailLayers must leave a layer for the head");
    assertThat(problems(example("u-shaped").replace("cuts: [2, 4]\n", "")))
        .singleElement()
        .asString()
        .contains("cuts: expected the cuts of a job in mode u-shaped");
    assertThat(problems(example("u-shaped").replace("[phone-1, phone-2,", "[phone-1, moon,")))
        .anyMatch(p -> p.contains("clients: expected different nodes of"));
    assertThat(problems(example("u-shaped") + "labelHolders: [cloud]\n"))
        .singleElement()
        .asString()
        .contains("labelHolders: expected the clients [phone-1, phone-2, phone-3] or nothing");
    assertThat(problems(example("parallel").replace("[phone-2, edge]", "[phone-2, cloud]")))
        .anyMatch(p -> p.contains("client phone-2 and node edge need one link in each direction"));
    assertThat(problems(example("parallel").replace("[phone-2, edge]", "[phone-2, phone-1]")))
        .anyMatch(p -> p.contains("or a client and a node after the clients"));
  }

  private static String example(String name) throws IOException {
    return Files.readString(EXAMPLES.resolve(name + ".yaml"));
  }

  private static JobFile parse(String yaml) throws JobFileException {
    return JobFile.parse(yaml, "job.yaml", (model, batch) -> Fixtures.lenetJob().layers());
  }

  private static List<String> problems(String yaml) {
    return catchThrowableOfType(JobFileException.class, () -> parse(yaml)).problems();
  }
}
