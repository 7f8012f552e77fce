package io.foresplit.app.bench.runtime;

import io.foresplit.app.bench.runtime.RuntimeReport.Fading;
import io.foresplit.app.bench.runtime.RuntimeReport.FadingSimulated;
import io.foresplit.app.bench.runtime.RuntimeReport.FixedCut;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.TrainingProgress.Step;
import io.foresplit.runtime.plan.Alternatives;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Training on a fading link: re-split as it fades, and with each cut that stays. */
record AdaptivePart(BenchSite site, Scale scale) {
  static final String JOB = "/jobs/bench-fading.yaml";

  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** All of it, one training after the other, each from the same begin of the trace. */
  Fading run() throws IOException, InterruptedException, JobFileException {
    JobSpec job = BenchSite.job(JOB).job();
    FadingLink link = FadingLink.drawn(job, site.seed());
    List<FixedCut> fixed = new ArrayList<>();
    for (Placement placement : Alternatives.allowed(job)) {
      try (TrainingCluster cluster = start("fixed-", link, placement)) {
        double seconds = trained(cluster);
        fixed.add(new FixedCut(placement.describe(), seconds));
        site.say(
            "%d steps on a fading link with %s: %.1f s",
            scale.fadingSteps(), placement.describe(), seconds);
      }
    }
    Placement begin = MovePart.home(job);
    try (TrainingCluster cluster = start("adaptive-", link, begin)) {
      Training training = new Training(cluster, link);
      int moves = Resplitting.of(link, scale.fadingSteps()).run(training, begin);
      double seconds = trained(cluster);
      site.say(
          "%d steps on a fading link, re-split %d times: %.1f s",
          scale.fadingSteps(), moves, seconds);
      return Fading.of(site.seed(), scale.fadingSteps(), seconds, moves, fixed);
    }
  }

  /** The same in virtual time, for some seeds from the given one on. */
  static FadingSimulated simulated(long firstSeed, Scale scale)
      throws IOException, InterruptedException, JobFileException {
    JobSpec job = BenchSite.job(JOB).job();
    List<Fading> found = new ArrayList<>();
    for (long seed = firstSeed; seed < firstSeed + scale.simulatedSeeds(); seed++) {
      Resplitting resplitting = Resplitting.of(FadingLink.drawn(job, seed), scale.fadingSteps());
      found.add(new FadingSimulation(job, seed, resplitting).run());
    }
    return FadingSimulated.of(found);
  }

  private TrainingCluster start(String name, FadingLink link, Placement begin)
      throws IOException, InterruptedException, JobFileException {
    int cut = begin.lastLayer(link.job().dataOwner()) + 1;
    return site.start("fading-" + name + cut, JOB, "cuts: [" + cut + "]\n", link.files(), false);
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

  private final class Training implements Resplitting.Training {
    private final TrainingCluster cluster;
    private final FadingLink link;
    private final Instant begin;

    Training(TrainingCluster cluster, FadingLink link) throws IOException, InterruptedException {
      this.cluster = cluster;
      this.link = link;
      begin = AdaptivePart.begin(cluster.await(p -> true, LIMIT, "training"));
    }

    @Override
    public double seconds() {
      return StepTrack.seconds(begin, cluster.now());
    }

    @Override
    public long steps() {
      return cluster.track().next();
    }

    @Override
    public void pass(Duration time) throws InterruptedException {
      cluster.settle(time);
    }

    @Override
    public MoveResult move(Placement target) throws IOException {
      return cluster.move(target);
    }

    @Override
    public void moved(double atSeconds, Placement target, MoveResult result) {
      site.say(
          "t = %.1f s, link at %.0f %%: move to %s %s after %.1f s, pause %d ms",
          atSeconds,
          100 * link.trace().measured(atSeconds, FadingLink.MEASURED_SECONDS),
          target.describe(),
          result.state().name().toLowerCase(Locale.ROOT),
          seconds() - atSeconds,
          result.pauseMillis());
    }
  }
}
