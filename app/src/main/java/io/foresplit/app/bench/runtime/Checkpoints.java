package io.foresplit.app.bench.runtime;

import io.foresplit.runtime.TrainingProgress.Step;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Checkpoint and restart: every node writes its layers into one folder, as often as replicas are
 * made; then all processes are stopped and started anew, and training goes on from the last
 * checkpoint that is whole. It is told at once that it has to, and every node is there at once.
 */
final class Checkpoints {
  /** Keys of a job file that have the nodes write checkpoints. */
  static final String YAML =
      "replication: { to: [\"folder:FOLDER/checkpoints\"], ownerLayersTo: [folder] }\n";

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private Checkpoints() {}

  /**
   * What a restart did.
   *
   * @param seconds from the moment that made it necessary until a step was done
   * @param stepsLost steps done by then that were done again
   * @param first step after it
   */
  record Outcome(double seconds, long stepsLost, Step first) {}

  /** Restarts; returns when a step has been done. */
  static Outcome restart(TrainingCluster cluster, Instant since)
      throws IOException, InterruptedException {
    StepTrack track = cluster.track();
    long epoch = cluster.topology().epoch();
    long done = track.doneAt(since);
    Instant unused = cluster.restart();
    cluster.await(p -> track.firstAfter(since, epoch).isPresent(), LIMIT, "a step after a restart");
    Optional<Step> first = track.firstAfter(since, epoch);
    Step step = first.orElseThrow(() -> new IOException("no step was done after a restart"));
    return new Outcome(
        StepTrack.seconds(since, step.finished()), Math.max(0, done - step.number()), step);
  }
}
