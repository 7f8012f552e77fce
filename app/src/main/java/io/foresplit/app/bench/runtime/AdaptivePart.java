package io.foresplit.app.bench.runtime;

import io.foresplit.app.bench.runtime.RuntimeReport.Fading;
import io.foresplit.app.bench.runtime.RuntimeReport.FixedCut;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.TrainingProgress.Step;
import io.foresplit.runtime.plan.Alternatives;
import io.foresplit.runtime.plan.CutPlanner;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Training on a fading link: re-split as it fades, and with each cut that stays. */
record AdaptivePart(BenchSite site, Scale scale) {
  static final String JOB = "/jobs/bench-fading.yaml";

  private static final double TRACE_SECONDS = 600;
  private static final double MEASURED_SECONDS = 0.75;
  private static final double HORIZON_SECONDS = 6;
  private static final double MARGIN_SECONDS = 0.3;
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** All of it, one training after the other, each from the same begin of the trace. */
  Fading run() throws IOException, InterruptedException, JobFileException {
    JobSpec job = BenchSite.job(JOB).job();
    FadingTrace trace = FadingTrace.drawn(site.seed(), TRACE_SECONDS);
    List<FixedCut> fixed = new ArrayList<>();
    for (Placement placement : Alternatives.allowed(job)) {
      int cut = placement.lastLayer(job.dataOwner()) + 1;
      try (TrainingCluster cluster = start("fixed-" + cut, job, trace, cut)) {
        double seconds = trained(cluster);
        fixed.add(new FixedCut(placement.describe(), seconds));
        site.say(
            "%d steps on a fading link with %s: %.1f s",
            scale.fadingSteps(), placement.describe(), seconds);
      }
    }
    int begin = MovePart.home(job).lastLayer(job.dataOwner()) + 1;
    try (TrainingCluster cluster = start("adaptive", job, trace, begin)) {
      int moves = adapt(cluster, job, trace);
      double seconds = trained(cluster);
      site.say(
          "%d steps on a fading link, re-split %d times: %.1f s",
          scale.fadingSteps(), moves, seconds);
      return fading(seconds, moves, fixed);
    }
  }

  private Fading fading(double seconds, int moves, List<FixedCut> fixed) {
    List<Double> times = fixed.stream().map(FixedCut::seconds).toList();
    double best = Collections.min(times);
    double worst = Collections.max(times);
    return new Fading(
        scale.fadingSteps(), seconds, moves, best, seconds / best, seconds / worst, fixed);
  }

  private TrainingCluster start(String name, JobSpec job, FadingTrace trace, int cut)
      throws IOException, InterruptedException, JobFileException {
    LinkSpec up = job.links().get(0);
    LinkSpec down = job.links().get(1);
    return site.start(
        "fading-" + name,
        JOB,
        "cuts: [" + cut + "]\n",
        Map.of(
            "up.csv", trace.csv(up.bytesPerSecond()), "down.csv", trace.csv(down.bytesPerSecond())),
        false);
  }

  /** Waits for the steps; seconds they took from the begin of training. */
  private double trained(TrainingCluster cluster) throws IOException, InterruptedException {
    TrainingProgress progress =
        cluster.await(p -> p.steps() >= scale.fadingSteps(), LIMIT, scale.fadingSteps() + " steps");
    Step last =
        cluster
            .track()
            .step(scale.fadingSteps() - 1L)
            .orElseThrow(() -> new IOException("the log of steps lacks the last one"));
    return StepTrack.seconds(begin(progress), last.finished());
  }

  private static Instant begin(TrainingProgress progress) throws IOException {
    return progress.started().orElseThrow(() -> new IOException("training has not begun"));
  }

  /** Re-splits until the steps are done; how often. */
  private int adapt(TrainingCluster cluster, JobSpec job, FadingTrace trace)
      throws IOException, InterruptedException {
    ResplitPolicy policy = new ResplitPolicy(new CutPlanner(), HORIZON_SECONDS, MARGIN_SECONDS);
    Instant begin = begin(cluster.await(p -> true, LIMIT, "training"));
    Placement current = cluster.topology().placement();
    int moves = 0;
    while (cluster.track().next() < scale.fadingSteps()) {
      cluster.settle(LOOK);
      double t = StepTrack.seconds(begin, cluster.now());
      Conditions conditions = measured(job, trace.measured(t, MEASURED_SECONDS));
      Optional<Placement> target = policy.decide(job, current, conditions);
      if (target.isPresent() && cluster.track().next() < scale.fadingSteps()) {
        MoveResult result = cluster.move(target.get());
        if (result.state() == State.COMMITTED) {
          current = target.get();
          moves++;
        }
        site.say(
            "t = %.1f s, link at %.0f %%: move to %s %s, pause %d ms",
            t,
            100 * trace.measured(t, MEASURED_SECONDS),
            target.get().describe(),
            result.state().name().toLowerCase(Locale.ROOT),
            result.pauseMillis());
      }
    }
    return moves;
  }

  /** Conditions as the senders of the links have just measured them. */
  private static Conditions measured(JobSpec job, double factor) {
    Conditions conditions = job.declaredConditions();
    for (LinkSpec link : job.links()) {
      conditions =
          conditions.withLink(
              link.id(), new LinkCondition(link.bytesPerSecond() * factor, link.delaySeconds()));
    }
    return conditions;
  }
}
