package io.foresplit.app.bench.runtime;

import io.foresplit.app.bench.runtime.RuntimeReport.Move;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.plan.CutPlanner;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A move that was planned: live, and by checkpoint and restart. */
record MovePart(BenchSite site, Scale scale) {
  static final String JOB = "/jobs/bench.yaml";

  /** All layers but the first on the edge, or all but two of them on the cloud. */
  private static final List<Integer> AWAY = List.of(1, 2);

  private static final Duration BETWEEN = Duration.ofSeconds(2);
  private static final Duration CHECKPOINT = Duration.ofSeconds(6);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Where the planner puts the layers while nothing is wrong. */
  static Placement home(JobSpec job) {
    return new CutPlanner().best(job, job.declaredConditions());
  }

  /** Where layers are moved to from there. */
  static Placement away(JobSpec job) {
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    return Placement.ofCuts(chain, job.layers().size(), AWAY);
  }

  /** Moves layers to and fro while training goes on. */
  Move live() throws IOException, InterruptedException, JobFileException {
    List<Double> pauses = new ArrayList<>();
    List<Double> gaps = new ArrayList<>();
    try (TrainingCluster cluster = site.start("move-live", JOB, "", Map.of(), true)) {
      JobSpec job = cluster.job().job();
      for (int i = 0; i < scale.moves(); i++) {
        Placement target = i % 2 == 0 ? away(job) : home(job);
        cluster.settle(BETWEEN);
        Instant from = cluster.now().minus(BETWEEN);
        MoveResult result = cluster.moveUntilDone(target, LIMIT);
        cluster.settle(BETWEEN);
        List<Double> intervals = cluster.track().intervals(from, cluster.now());
        double gap = Spread.of(intervals).max() - Spread.of(intervals).median();
        pauses.add((double) result.pauseMillis());
        gaps.add(1e3 * Math.max(0, gap));
        site.say(
            "move to %s: pause %d ms, %d bytes in %d ms",
            target.describe(), result.pauseMillis(), result.movedBytes(), result.durationMillis());
      }
      double lost = cluster.track().lost();
      return move(pauses, gaps, List.of(lost));
    }
  }

  /** Stops everything and starts it anew where the planner wants it. */
  Move restart() throws IOException, InterruptedException, JobFileException {
    List<Double> pauses = new ArrayList<>();
    List<Double> lost = new ArrayList<>();
    try (TrainingCluster cluster =
        site.start("move-restart", JOB, Checkpoints.YAML + "cuts: " + AWAY, Map.of(), true)) {
      JobSpec job = cluster.job().job();
      for (int i = 0; i < scale.restarts(); i++) {
        if (i > 0) {
          MoveResult unused = cluster.moveUntilDone(away(job), LIMIT);
        }
        cluster.settle(CHECKPOINT);
        Checkpoints.Outcome outcome = Checkpoints.restart(cluster, cluster.now());
        Placement now = cluster.topology().placement();
        if (!now.equals(home(job))) {
          throw new IOException(
              "training was to go on with "
                  + home(job).describe()
                  + " after a restart, was "
                  + now.describe());
        }
        double usual = outcome.first().seconds();
        pauses.add(1e3 * Math.max(0, outcome.seconds() - usual));
        lost.add((double) outcome.stepsLost());
        site.say(
            "checkpoint and restart with %s: step %d after %.1f s, %d steps lost",
            now.describe(), outcome.first().number(), outcome.seconds(), outcome.stepsLost());
      }
    }
    return move(pauses, pauses, lost);
  }

  private static Move move(List<Double> pauses, List<Double> gaps, List<Double> lost) {
    return new Move(
        Spread.of(pauses).median(),
        Spread.of(lost).median(),
        Spread.of(pauses),
        Spread.of(gaps),
        Spread.of(lost));
  }
}
