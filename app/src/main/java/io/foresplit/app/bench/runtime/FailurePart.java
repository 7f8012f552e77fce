package io.foresplit.app.bench.runtime;

import io.foresplit.app.bench.runtime.RuntimeReport.Recovery;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.TrainingProgress.Step;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The edge, where the planner puts most layers, dies: SIGKILL. Live, training goes on around it;
 * another process of it is started after a while, and the layers are moved back. By checkpoint and
 * restart, everything is started anew at once, the edge included.
 */
record FailurePart(BenchSite site, Scale scale) {
  private static final NodeId EDGE = new NodeId("edge");
  private static final String REPLICAS = "replication: { to: [neighbour] }\n";
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration BETWEEN_KILLS = Duration.ofSeconds(4);
  private static final Duration LOG_LAG = Duration.ofSeconds(1);
  private static final int JITTER_MILLIS = 2_000;

  /**
   * Training in which nothing happens, and without replicas.
   *
   * @param stepSeconds median from one step to the next
   */
  record FaultFree(double stepsPerSecond, double stepSeconds) {}

  /** What killing did. */
  record Outcome(Recovery recovery, List<Double> kept) {}

  /** One death. */
  private record Death(double seconds, long stepsLost) {}

  /** Kills the edge and brings training back to where it was. */
  @FunctionalInterface
  private interface Cycle {
    Death run(TrainingCluster cluster) throws IOException, InterruptedException;
  }

  /** Measures how fast training is when nothing happens. */
  FaultFree faultFree() throws IOException, InterruptedException, JobFileException {
    try (TrainingCluster cluster = site.start("fault-free", MovePart.JOB, "", Map.of(), true)) {
      Instant from = cluster.now();
      cluster.settle(scale.faultFree());
      Instant to = cluster.now();
      cluster.settle(LOG_LAG);
      FaultFree found =
          new FaultFree(
              cluster.track().stepsPerSecond(from, to),
              Spread.of(cluster.track().intervals(from, to)).median());
      site.say(
          "without faults and replicas: %.2f steps/s, a step takes %.0f ms",
          found.stepsPerSecond(), 1e3 * found.stepSeconds());
      return found;
    }
  }

  /** Kills with replicas in the memory of other nodes. */
  Outcome live(FaultFree faultFree) throws IOException, InterruptedException, JobFileException {
    return kill("kill-live", REPLICAS, faultFree, this::recovered);
  }

  /** Kills with checkpoints in a folder. */
  Outcome restart(FaultFree faultFree) throws IOException, InterruptedException, JobFileException {
    return kill("kill-restart", Checkpoints.YAML, faultFree, this::restarted);
  }

  private Outcome kill(String name, String yaml, FaultFree faultFree, Cycle cycle)
      throws IOException, InterruptedException, JobFileException {
    List<Death> deaths = new ArrayList<>();
    List<Double> kept = new ArrayList<>();
    Random random = new Random(site.seed());
    List<StepTrack.Redone> redone;
    try (TrainingCluster cluster = site.start(name, MovePart.JOB, yaml, Map.of(), true)) {
      for (int i = 0; i < scale.kills(); i++) {
        cluster.settle(BETWEEN_KILLS.plusMillis(random.nextInt(JITTER_MILLIS)));
        deaths.add(cycle.run(cluster));
      }
      if (scale.kills() > 0) {
        cluster.settle(BETWEEN_KILLS);
      }
      for (int i = 0; i < scale.windows(); i++) {
        Instant from = cluster.now();
        cluster.settle(scale.killAfter().plusMillis(random.nextInt(JITTER_MILLIS)));
        deaths.add(cycle.run(cluster));
        Instant to = from.plus(scale.window());
        Duration left = Duration.between(cluster.now(), to);
        cluster.settle(left.isNegative() ? LOG_LAG : left.plus(LOG_LAG));
        kept.add(cluster.track().stepsPerSecond(from, to) / faultFree.stepsPerSecond());
        site.say("throughput kept: %.3f", kept.get(i));
      }
      redone = cluster.track().redone();
    }
    Spread seconds = Spread.of(deaths.stream().map(Death::seconds).toList());
    Spread lost = Spread.of(deaths.stream().map(death -> (double) death.stepsLost()).toList());
    int otherwise = (int) redone.stream().filter(step -> !step.same()).count();
    return new Outcome(
        new Recovery(seconds.median(), lost.median(), seconds, lost, redone.size(), otherwise),
        kept);
  }

  private Death recovered(TrainingCluster cluster) throws IOException, InterruptedException {
    JobSpec job = cluster.job().job();
    Placement home = MovePart.home(job);
    StepTrack track = cluster.track();
    long epoch = cluster.topology().epoch();
    Instant killed = cluster.kill(EDGE);
    TrainingProgress progress =
        cluster.await(
            p -> track.firstAfter(killed, epoch).isPresent() && !p.recoveries().isEmpty(),
            LIMIT,
            "a step after the death of " + EDGE);
    Step first =
        track
            .firstAfter(killed, epoch)
            .orElseThrow(() -> new IOException("no step was done after the death of " + EDGE));
    TrainingProgress.Recovery last = progress.recoveries().get(progress.recoveries().size() - 1);
    Death death = new Death(StepTrack.seconds(killed, first.finished()), last.lost());
    site.say(
        "kill of %s: step %d after %.2f s (found dead after %.2f s), %d steps lost, then %s",
        EDGE,
        first.number(),
        death.seconds(),
        last.silentSeconds(),
        death.stepsLost(),
        cluster.topology().placement().describe());
    Duration away = Duration.between(cluster.now(), killed.plus(scale.nodeBackAfter()));
    if (!away.isNegative()) {
      cluster.settle(away);
    }
    cluster.startNode(EDGE);
    cluster.await(p -> p.registered().contains(EDGE.value()), LIMIT, "the return of " + EDGE);
    MoveResult result = cluster.moveUntilDone(home, LIMIT);
    site.say(
        "%s is back after %.1f s, layers moved back with a pause of %d ms",
        EDGE, StepTrack.seconds(killed, cluster.now()), result.pauseMillis());
    return death;
  }

  private Death restarted(TrainingCluster cluster) throws IOException, InterruptedException {
    Instant killed = cluster.kill(EDGE);
    Checkpoints.Outcome outcome = Checkpoints.restart(cluster, killed);
    site.say(
        "kill of %s, checkpoint and restart: step %d after %.2f s, %d steps lost",
        EDGE, outcome.first().number(), outcome.seconds(), outcome.stepsLost());
    return new Death(outcome.seconds(), outcome.stepsLost());
  }
}
