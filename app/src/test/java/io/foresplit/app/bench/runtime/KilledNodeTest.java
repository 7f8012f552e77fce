package io.foresplit.app.bench.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.Main;
import io.foresplit.app.bench.runtime.StepTrack.Redone;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.TrainingProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that train a LeNet with real tensors; that of the edge is killed by SIGKILL. */
@Timeout(180)
class KilledNodeTest {
  private static final NodeId EDGE = new NodeId("edge");
  private static final String REPLICAS = "replication: { to: [neighbour] }\n";
  private static final int MOST_LOST = ReplicationSpec.DEFAULT_EVERY_STEPS;
  private static final int MORE_STEPS = 25;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;

  private TrainingCluster start(String name) throws Exception {
    BenchSite site =
        new BenchSite(
            folder,
            3,
            Optional.empty(),
            Main.class,
            InstantSource.system(),
            new PrintWriter(Writer.nullWriter()),
            Instant.now(),
            new ArrayList<>());
    return site.start(name, MovePart.JOB, REPLICAS, Map.of(), true);
  }

  /** Waits for a moment at which a death costs several steps. */
  private static void awaitStepsSinceSnapshot(TrainingCluster cluster) throws Exception {
    TrainingProgress unused =
        cluster.await(p -> p.steps() % 10 >= 5, LIMIT, "steps since the last snapshot");
  }

  /** Training goes on without the edge, and every loss is as if nobody had died. */
  private static TrainingProgress.Recovery assertGoesOn(TrainingCluster cluster, Instant killed)
      throws Exception {
    TrainingProgress found =
        cluster.await(p -> !p.recoveries().isEmpty() && p.status().isEmpty(), LIMIT, "a recovery");
    assertThat(found.recoveries()).hasSize(1);
    TrainingProgress.Recovery recovery = found.recoveries().get(0);
    long wanted = recovery.step() + recovery.lost() + MORE_STEPS;
    TrainingProgress after = cluster.await(p -> p.steps() >= wanted, LIMIT, MORE_STEPS + " steps");
    StepTrack track = cluster.track();

    assertThat(after.registered()).containsExactly("cloud", "device");
    assertThat(cluster.topology().placement().nodeOfLayer()).doesNotContain(EDGE);
    assertThat(recovery.lost()).isBetween(1L, (long) MOST_LOST);
    assertThat(track.redone()).hasSize((int) recovery.lost()).allMatch(Redone::same);
    assertThat(track.lost()).as("no step is missing").isEqualTo(recovery.lost());
    assertThat(track.firstAfter(killed, recovery.epoch() - 1))
        .hasValueSatisfying(step -> assertThat(step.number()).isEqualTo(recovery.step()));
    for (long number = 0; number < wanted; number++) {
      assertThat(track.step(number))
          .hasValueSatisfying(step -> assertThat(step.loss()).isPositive().isFinite());
    }
    return recovery;
  }

  /** Moves layers from another thread. */
  private static CompletableFuture<MoveResult> moving(TrainingCluster cluster, Placement target) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return cluster.move(target);
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        });
  }

  @Test
  void whenTheEdgeIsKilledTrainingGoesOnWithTheSameLosses() throws Exception {
    try (TrainingCluster cluster = start("killed")) {
      assertThat(cluster.topology().placement().nodeOfLayer()).contains(EDGE);
      awaitStepsSinceSnapshot(cluster);

      TrainingProgress.Recovery recovery = assertGoesOn(cluster, cluster.kill(EDGE));

      assertThat(recovery.lost()).isGreaterThanOrEqualTo(5);
      assertThat(recovery.silentSeconds()).isGreaterThan(0.8);
    }
  }

  @Test
  void whenTheEdgeIsKilledDuringAMoveTrainingEndsUpConsistent() throws Exception {
    try (TrainingCluster cluster = start("killed-in-a-move")) {
      Placement target = MovePart.away(cluster.job().job());
      awaitStepsSinceSnapshot(cluster);
      CompletableFuture<MoveResult> move = moving(cluster, target);
      cluster.settle(Duration.ofMillis(100));
      boolean under = !move.isDone();

      TrainingProgress.Recovery recovery = assertGoesOn(cluster, cluster.kill(EDGE));

      MoveResult result = move.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(under).as("the move was under way").isTrue();
      assertThat(result.state()).isIn(State.COMMITTED, State.ABORTED);
      assertThat(cluster.topology().epoch()).isEqualTo(recovery.epoch());
    }
  }
}
