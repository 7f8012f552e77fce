package io.foresplit.app.bench.runtime;

import io.foresplit.app.bench.runtime.FailurePart.FaultFree;
import io.foresplit.app.bench.runtime.RuntimeReport.Fading;
import io.foresplit.app.bench.runtime.RuntimeReport.FadingAlone;
import io.foresplit.app.bench.runtime.RuntimeReport.Machine;
import io.foresplit.app.bench.runtime.RuntimeReport.Move;
import io.foresplit.app.bench.runtime.RuntimeReport.Restart;
import io.foresplit.app.bench.runtime.RuntimeReport.Setting;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The whole benchmark: part after part, each beside what it is compared with.
 *
 * @param nanoTime monotonic
 */
record RuntimeBench(BenchSite site, Scale scale, boolean quick, LongSupplier nanoTime) {

  RuntimeReport run() throws IOException, InterruptedException, JobFileException {
    JobSpec job = BenchSite.job(MovePart.JOB).job();
    JobSpec fading = BenchSite.job(AdaptivePart.JOB).job();
    MachineCheck check = new MachineCheck(Runtime.getRuntime().availableProcessors());
    double before = checked(check, List.of(job, fading));
    MovePart moves = new MovePart(site, scale);
    FailurePart failures = new FailurePart(site, scale);
    Move moved = moves.live();
    Move restarted = moves.restart();
    FaultFree faultFree = failures.faultFree();
    FailurePart.Outcome killed = failures.live(faultFree);
    FailurePart.Outcome killedAndRestarted = failures.restart(faultFree);
    Fading adaptive = new AdaptivePart(site, scale).run();
    double after = excess(List.of(job, fading));
    double predicted = MachineCheck.predicted(job, MovePart.home(job));
    double slip = faultFree.stepSeconds() / predicted - 1;
    List<String> problems = new ArrayList<>(check.problems(before, after, slip));
    problems.addAll(site.troubles());
    return new RuntimeReport(
        site.seed(),
        quick,
        dataset(),
        new Machine(
            check.processors(),
            problems.isEmpty(),
            String.join("; ", problems),
            before,
            after,
            slip),
        new Setting(
            job.model(),
            job.batchSize(),
            ReplicationSpec.DEFAULT_EVERY_STEPS,
            scale.window().toMillis() / 1e3,
            scale.nodeBackAfter().toMillis() / 1e3,
            predicted,
            faultFree.stepSeconds(),
            faultFree.stepsPerSecond()),
        moved,
        killed.recovery(),
        Spread.of(killed.kept()).median(),
        killed.kept(),
        new Restart(
            restarted,
            killedAndRestarted.recovery(),
            Spread.of(killedAndRestarted.kept()).median(),
            killedAndRestarted.kept()),
        adaptive);
  }

  /** The part on the fading link alone. */
  FadingAlone fading() throws IOException, InterruptedException, JobFileException {
    List<JobSpec> jobs = List.of(BenchSite.job(AdaptivePart.JOB).job());
    MachineCheck check = new MachineCheck(Runtime.getRuntime().availableProcessors());
    double before = checked(check, jobs);
    Fading adaptive = new AdaptivePart(site, scale).run();
    double after = excess(jobs);
    List<String> problems = new ArrayList<>(check.problems(before, after, 0));
    problems.addAll(site.troubles());
    return new FadingAlone(quick, dataset(), List.copyOf(problems), before, after, adaptive);
  }

  private String dataset() {
    return site.dataset().map(folder -> "Fashion-MNIST").orElse("drawn images");
  }

  private double checked(MachineCheck check, List<JobSpec> jobs) {
    double before = excess(jobs);
    for (String problem : check.problems(before, 0, 0)) {
      site.say("%s", RuntimeTable.distrusted(problem));
    }
    return before;
  }

  /** Of the job whose layers are late most; all train one model. */
  private double excess(List<JobSpec> jobs) {
    JobSpec first = jobs.get(0);
    List<Double> seconds =
        new ReferencePass(ModelDefinition.named(first.model()), first.batchSize(), nanoTime)
            .seconds();
    double most =
        jobs.stream()
            .mapToDouble(job -> MachineCheck.excess(job, MovePart.home(job), seconds))
            .max()
            .orElseThrow();
    site.say(
        "a step of %s takes %.1f ms here unpaced; layers are late by %.1f %% of a paced step",
        first.model(), 1e3 * seconds.stream().mapToDouble(s -> s).sum(), 100 * most);
    return most;
  }
}
