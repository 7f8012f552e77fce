package io.foresplit.runtime.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.LinkDisturbance;
import io.foresplit.contract.jobfile.OptimiserSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkTracesTest {
  private static final ComponentId UP = Fixtures.UPLINK;
  private static final ComponentId DOWN = ComponentId.link(Fixtures.EDGE, Fixtures.DEVICE);
  private static final ComponentId FAR = ComponentId.link(Fixtures.EDGE, Fixtures.CLOUD);

  @TempDir Path folder;

  @Test
  void eachDirectionFollowsWhatTheFileSays() throws IOException {
    Files.writeString(folder.resolve("walk.csv"), "0,100,0.03\n1,200,0.04\n");
    Files.writeString(folder.resolve("car.down"), "0\n500\n1000\n");

    Map<ComponentId, RateTrace> traces =
        LinkTraces.of(
            job(
                Map.of(UP, "walk.csv", DOWN, "car.down", FAR, LinkTraces.FADING),
                Map.of(UP, new LinkDisturbance(0.002, 0.01))),
            folder,
            3);

    assertThat(traces).containsOnlyKeys(UP, DOWN, FAR);
    assertThat(traces.get(UP).bytesPerSecond(1)).isEqualTo(200);
    assertThat(traces.get(UP).delaySeconds(1)).hasValue(0.04);
    assertThat(traces.get(UP).jitterSeconds(1)).isEqualTo(0.002);
    assertThat(traces.get(UP).loss(1)).isEqualTo(0.01);
    assertThat(traces.get(DOWN).bytesPerSecond(0)).isEqualTo(3000);
    assertThat(traces.get(FAR)).isInstanceOf(GeneratedLink.class);
  }

  @Test
  void aLinkThatOnlyLosesKeepsItsRate() throws IOException {
    RateTrace trace =
        LinkTraces.of(job(Map.of(), Map.of(UP, new LinkDisturbance(0, 0.02))), folder, 3).get(UP);

    assertThat(trace.bytesPerSecond(9))
        .isEqualTo(Fixtures.lenetJob().link(UP.from(), UP.to()).orElseThrow().bytesPerSecond());
    assertThat(trace.loss(9)).isEqualTo(0.02);
    assertThat(trace.delaySeconds(9)).isEmpty();
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> LinkTraces.of(job(Map.of(UP, "gone.csv"), Map.of()), folder, 3))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "trace of link "
                + UP
                + ": expected 'generated', 'fading' or a readable file, was "
                + folder.resolve("gone.csv"));
  }

  private static JobFile job(
      Map<ComponentId, String> traces, Map<ComponentId, LinkDisturbance> disturbances) {
    return new JobFile(
        Fixtures.lenetJob(),
        new OptimiserSpec(OptimiserSpec.ADAM, 1e-3),
        traces,
        disturbances,
        Map.of(),
        List.of(),
        Optional.empty());
  }
}
