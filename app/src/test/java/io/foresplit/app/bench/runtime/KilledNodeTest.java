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

/** Real processes that train a LeNet with real tensors; some are killed by SIGKILL. */
@Timeout(180)
class KilledNodeTest {
  private static final NodeId EDGE = new NodeId("edge");
  private static final String REPLICAS = "replication: { to: [neighbour] }\n";
  private static final int MOST_LOST = ReplicationSpec.DEFAULT_EVERY_STEPS;
  private static final int MORE_STEPS = 25;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;

  private TrainingCluster start(String name) throws Exception {
    return start(name, MovePart.JOB, REPLICAS);
  }

  private TrainingCluster start(String name, String job, String replication) throws Exception {
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
    return site.start(name, job, replication, Map.of(), true);
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
  void whenTheFirstClientIsKilledTheOthersTrainOnAndItComesBack() throws Exception {
    NodeId first = new NodeId("phone-1");
    try (TrainingCluster cluster = start("killed-client", "/jobs/killed-client.yaml", "")) {
      awaitStepsSinceSnapshot(cluster);

      Instant unused = cluster.kill(first);
      String away = "2 clients train on, waiting for data owner phone-1";
      TrainingProgress found = cluster.await(p -> p.status().equals(away), LIMIT, away);

      TrainingProgress.Recovery recovery = found.recoveries().get(0);
      assertThat(recovery.lost()).isLessThanOrEqualTo(MOST_LOST);
      assertThat(found.registered()).containsExactly("cloud", "edge", "phone-2", "phone-3");
      assertThat(cluster.topology().placement().describe())
          .isEqualTo("phone-2[0-1] edge[2-3] cloud[4]");
      long wanted = recovery.step() + recovery.lost() + MORE_STEPS;
      TrainingProgress without =
          cluster.await(p -> p.steps() >= wanted, LIMIT, MORE_STEPS + " steps");
      assertThat(without.status()).isEqualTo(away);

      cluster.startNode(first);
      TrainingProgress back =
          cluster.await(
              p -> p.recoveries().size() == 2 && p.status().isEmpty(), LIMIT, "phone-1 again");
      long more = back.recoveries().get(1).step() + MORE_STEPS;
      TrainingProgress unusedToo =
          cluster.await(p -> p.steps() >= more, LIMIT, MORE_STEPS + " steps");

      assertThat(cluster.topology().job().clients()).hasSize(3).startsWith(first);
      for (long number = more - MORE_STEPS; number < more; number++) {
        assertThat(cluster.track().step(number))
            .hasValueSatisfying(step -> assertThat(step.loss()).isPositive().isFinite());
      }
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
