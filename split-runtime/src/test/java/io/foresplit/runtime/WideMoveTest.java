package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.coordinator.MovePolicy;
import io.foresplit.runtime.tensor.Optimiser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A layer of 10 MB of parameters moves on loopback, with real tensors. */
@Timeout(180)
class WideMoveTest {
  /** The bound is 200 ms on an idle machine, see docs/moves.md; tests share theirs. */
  private static final long PAUSE_MILLIS = 1_000;

  @TempDir Path data;

  static Stream<Optimiser> optimisers() {
    return Stream.of(WideModel.SGD, WideModel.ADAM);
  }

  @ParameterizedTest
  @MethodSource("optimisers")
  void noStepIsLostAndEveryLaterLossIsTheSame(Optimiser optimiser) throws Exception {
    List<TrainingProgress.Step> log;
    MoveResult down;
    MoveResult up;
    try (Cluster cluster = Cluster.start(data.resolve("moved"), setup(optimiser))) {
      cluster.awaitSteps(10);
      down = cluster.move("down", 1, 0, WideModel.ON_CLOUD);
      int steps = (int) cluster.runtime().progress(Cluster.JOB, 0).steps();
      cluster.awaitSteps(steps + 5);
      up = cluster.move("up", 1, 1, WideModel.ON_EDGE);
      steps = (int) cluster.runtime().progress(Cluster.JOB, 0).steps();
      log = cluster.awaitSteps(steps + 20);
    }
    for (MoveResult result : List.of(down, up)) {
      System.out.println(optimiser + ": " + result);
      assertThat(result.state()).as(result.detail()).isEqualTo(State.COMMITTED);
      assertThat(result.detail()).contains("pre-copied").doesNotContain("stopped");
      assertThat(result.pauseMillis()).isLessThanOrEqualTo(PAUSE_MILLIS);
      assertThat(result.movedBytes()).isGreaterThan(20_000_000);
    }
    assertThat(log.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(0, log.size()).boxed().toList());
    List<Double> still = new ArrayList<>();
    try (Cluster cluster = Cluster.start(data.resolve("still"), setup(optimiser))) {
      cluster.awaitSteps(log.size()).stream()
          .limit(log.size())
          .forEach(step -> still.add(step.loss()));
    }
    assertThat(log.stream().map(TrainingProgress.Step::loss).toList()).isEqualTo(still);
  }

  private static Cluster.Setup setup(Optimiser optimiser) {
    return WideModel.setup(optimiser, MovePolicy.standard(), WideModel.PACED, 1e9, 0.00005);
  }
}
