package io.foresplit.app.bench.runtime;

import io.foresplit.app.bench.runtime.FailurePart.FaultFree;
import io.foresplit.app.bench.runtime.RuntimeReport.Fading;
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
import java.util.Collections;
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
    MachineCheck check = new MachineCheck(Runtime.getRuntime().availableProcessors());
    double before = excess(job);
    for (String problem : check.problems(before, 0, 0)) {
      site.say("THIS MACHINE IS TOO SMALL OR BUSY, figures are not to be trusted: %s", problem);
    }
    MovePart moves = new MovePart(site, scale);
    FailurePart failures = new FailurePart(site, scale);
    Move moved = moves.live();
    Move restarted = moves.restart();
    FaultFree faultFree = failures.faultFree();
    FailurePart.Outcome killed = failures.live(faultFree);
    FailurePart.Outcome killedAndRestarted = failures.restart(faultFree);
    Fading adaptive = new AdaptivePart(site, scale).run();
    double after = excess(job);
    double predicted = MachineCheck.predicted(job, MovePart.home(job));
    double slip = faultFree.stepSeconds() / predicted - 1;
    List<String> problems = new ArrayList<>(check.problems(before, after, slip));
    problems.addAll(site.troubles());
    return new RuntimeReport(
        site.seed(),
        quick,
        site.dataset().map(folder -> "Fashion-MNIST").orElse("drawn images"),
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

  /** Of the job whose layers are late most. */
  private double excess(JobSpec job) throws IOException, JobFileException {
    JobSpec fading = BenchSite.job(AdaptivePart.JOB).job();
    List<Double> seconds =
        new ReferencePass(ModelDefinition.named(job.model()), job.batchSize(), nanoTime).seconds();
    double most =
        Collections.max(
            List.of(
                MachineCheck.excess(job, MovePart.home(job), seconds),
                MachineCheck.excess(fading, MovePart.home(fading), seconds)));
    site.say(
        "a step of %s takes %.1f ms here unpaced; layers are late by %.1f %% of a paced step",
        job.model(), 1e3 * seconds.stream().mapToDouble(s -> s).sum(), 100 * most);
    return most;
  }
}
