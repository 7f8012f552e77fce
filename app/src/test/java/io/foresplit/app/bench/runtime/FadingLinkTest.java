package io.foresplit.app.bench.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.plan.Alternatives;
import io.foresplit.runtime.plan.CutPlanner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The job of the fading link, and what is known of that link. */
class FadingLinkTest {
  /** The next best cut takes so many times as long as the best, at least. */
  private static final double CLEARLY = 1.25;

  private final CutPlanner planner = new CutPlanner();
  private JobSpec job;

  @BeforeEach
  void read() throws Exception {
    job = BenchSite.job(AdaptivePart.JOB).job();
  }

  private double step(Placement placement, double factor) {
    return planner.predict(job, placement, FadingLink.faded(job, factor));
  }

  @Test
  void theBestCutOfTheClearLinkIsClearlyNotThatOfAFadedOne() {
    Placement clear = planner.best(job, FadingLink.faded(job, 1));
    Placement shadowed = planner.best(job, FadingLink.faded(job, FadingTrace.SHADOWED));
    Placement blocked = planner.best(job, FadingLink.faded(job, FadingTrace.BLOCKED));

    assertThat(clear.describe()).isEqualTo("device[0] server[1-4]");
    assertThat(shadowed.describe()).isEqualTo("device[0-3] server[4]");
    assertThat(blocked).isEqualTo(shadowed);
    for (Placement other : Alternatives.allowed(job)) {
      if (!other.equals(clear)) {
        assertThat(step(other, 1)).isGreaterThan(CLEARLY * step(clear, 1));
      }
    }
    assertThat(step(clear, FadingTrace.SHADOWED))
        .isGreaterThan(CLEARLY * step(shadowed, FadingTrace.SHADOWED));
    assertThat(step(clear, FadingTrace.BLOCKED))
        .isGreaterThan(CLEARLY * step(blocked, FadingTrace.BLOCKED));
  }

  @Test
  void bothWaysFadeTogetherForAPolicyAndForASimulation() {
    FadingLink link = FadingLink.drawn(job, 3);
    Conditions measured = link.measured(20);

    for (LinkSpec spec : job.links()) {
      assertThat(measured.links().get(spec.id()).bytesPerSecond() / spec.bytesPerSecond())
          .isCloseTo(link.trace().measured(20, FadingLink.MEASURED_SECONDS), within(1e-9));
      assertThat(measured.links().get(spec.id()).delaySeconds()).isEqualTo(spec.delaySeconds());
      assertThat(link.traces().get(spec.id()).bytesPerSecond(20) / spec.bytesPerSecond())
          .isCloseTo(link.trace().factor(20), within(1e-9));
    }
    assertThat(link.files()).containsOnlyKeys("up.csv", "down.csv");
    assertThat(link.files().get("up.csv"))
        .isEqualTo(link.trace().csv(job.links().get(0).bytesPerSecond()));
  }
}
