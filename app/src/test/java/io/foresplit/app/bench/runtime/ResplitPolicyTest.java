package io.foresplit.app.bench.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.plan.CutPlanner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResplitPolicyTest {
  private final ResplitPolicy policy = new ResplitPolicy(new CutPlanner(), 6, 0.3);
  private JobSpec job;

  @BeforeEach
  void read() throws Exception {
    job = BenchSite.job(AdaptivePart.JOB).job();
  }

  private Conditions faded(double factor) {
    return FadingLink.faded(job, factor);
  }

  @Test
  void onAClearLinkTheBestCutStays() {
    assertThat(policy.decide(job, MovePart.home(job), faded(1))).isEmpty();
  }

  @Test
  void aFadedLinkIsAvoidedAndAClearOneUsedAgain() {
    Placement clear = MovePart.home(job);
    Placement faded = policy.decide(job, clear, faded(0.03)).orElseThrow();

    assertThat(faded.lastLayer(job.dataOwner())).isGreaterThan(clear.lastLayer(job.dataOwner()));
    assertThat(policy.decide(job, faded, faded(1))).contains(clear);
  }

  @Test
  void aMoveThatCostsMoreThanItSavesIsNotMade() {
    Placement clear = MovePart.home(job);

    assertThat(new ResplitPolicy(new CutPlanner(), 0.1, 0).decide(job, clear, faded(0.03)))
        .isEmpty();
    assertThat(new ResplitPolicy(new CutPlanner(), 6, 6).decide(job, clear, faded(0.03))).isEmpty();
  }

  @Test
  void aSmallChangeIsNotWorthAMove() {
    Placement clear = MovePart.home(job);

    assertThat(policy.decide(job, clear, faded(0.9))).isEmpty();
  }

  @Test
  void nothingIsMovedOntoAServerBehindAFadedLink() {
    Placement clear = MovePart.home(job);
    Placement faded = policy.decide(job, clear, faded(FadingTrace.BLOCKED)).orElseThrow();

    assertThat(policy.decide(job, faded, faded(FadingTrace.BLOCKED))).isEmpty();
    assertThat(policy.decide(job, faded, faded(FadingTrace.SHADOWED))).isEmpty();
  }
}
