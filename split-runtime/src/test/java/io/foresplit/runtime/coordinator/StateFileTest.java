package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.tensor.Optimiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
  private static final NodeId ONLY = new NodeId("only");
  private static final CoordinatorState STATE =
      new CoordinatorState(
          new SplitTopology(
              new JobSpec(
                  new JobId("j"),
                  "mlp",
                  8,
                  Duration.ofMillis(500),
                  List.of(new LayerProfile("fc", 0.1, 0.2, 10, 20)),
                  List.of(new NodeSpec(ONLY, 1)),
                  List.of(),
                  ONLY,
                  List.of(ONLY),
                  1,
                  List.of()),
              3,
              new Placement(List.of(ONLY)),
              Instant.ofEpochMilli(1_000)),
          new Optimiser.Adam(1e-3, 0.9, 0.999, 1e-8),
          42,
          9,
          Optional.of(Instant.ofEpochMilli(2_000)),
          Map.of(
              new ActionId("done"), new MoveResult(State.COMMITTED, 3, 120, 4_096, "a -> b", 900)),
          2,
          List.of("life-1"));

  @TempDir Path folder;

  @Test
  void whatIsSavedIsLoadedAfterARestart() throws IOException {
    try (StateFile file = StateFile.open(folder)) {
      assertThat(file.load()).isEmpty();
      file.save(STATE.withTerm(8));
      file.save(STATE);
    }
    try (StateFile file = StateFile.open(folder)) {
      assertThat(file.load()).contains(STATE);
    }
  }

  @Test
  void aFolderHasOneCoordinator() throws IOException {
    try (StateFile file = StateFile.open(folder)) {
      assertThat(file.load()).isEmpty();
      assertThatThrownBy(() -> StateFile.open(folder))
          .hasMessageContaining("is in use by another coordinator; stop it or use another");
    }
  }

  @Test
  void aDamagedFileIsOneClearLine() throws IOException {
    Files.writeString(folder.resolve("coordinator.state"), "not a state");
    try (StateFile file = StateFile.open(folder)) {
      assertThatThrownBy(file::load)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is damaged")
          .hasMessageContaining("use a new data folder");
    }
  }

  @Test
  void whatHadNotCommittedBeforeACrashHasNotHappened() {
    ActionId open = new ActionId("open");
    CoordinatorState crashed =
        STATE.withResult(open, new MoveResult(State.IN_PROGRESS, 3, 0, 0, ""));

    CoordinatorState recovered = crashed.recovered();

    assertThat(recovered.results().get(open).state()).isEqualTo(State.ABORTED);
    assertThat(recovered.results().get(open).detail())
        .isEqualTo("the coordinator ended before the commit");
    assertThat(recovered.committedBy()).contains(new ActionId("done"));
    assertThat(recovered.topology()).isEqualTo(STATE.topology());
  }
}
