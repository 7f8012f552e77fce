package io.foresplit.app.bench.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.app.bench.runtime.RuntimeReport.Fading;
import io.foresplit.app.bench.runtime.RuntimeReport.FadingSimulated;
import io.foresplit.app.bench.runtime.RuntimeReport.FixedCut;
import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.plan.CutPlanner;
import java.util.List;
import org.junit.jupiter.api.Test;

class FadingSimulationTest {
  private static final int STEPS = 300;

  private static Fading run(long seed, double horizonSeconds) throws Exception {
    JobSpec job = BenchSite.job(AdaptivePart.JOB).job();
    ResplitPolicy policy = new ResplitPolicy(new CutPlanner(), horizonSeconds, 0.3);
    return new FadingSimulation(
            job, seed, new Resplitting(FadingLink.drawn(job, seed), policy, STEPS))
        .run();
  }

  @Test
  void resplittingBeatsTheCutThatIsBestForAllLinksTogether() throws Exception {
    FadingSimulated found =
        FadingSimulated.of(List.of(run(1, 6), run(2, 6), run(3, 6), run(4, 6), run(5, 6)));

    assertThat(found.overBestCut()).isLessThan(0.95);
    assertThat(found.seeds().stream().mapToInt(Fading::moves).sum()).isGreaterThan(5);
  }

  @Test
  void theSameSeedGivesTheSame() throws Exception {
    assertThat(run(7, 6)).isEqualTo(run(7, 6));
  }

  @Test
  void aPolicyThatNeverMovesIsTheFixedCutItBeganWith() throws Exception {
    Fading still = run(7, 0.01);

    assertThat(still.moves()).isZero();
    assertThat(still.fixed())
        .filteredOn(cut -> cut.placement().equals("device[0] server[1-4]"))
        .singleElement()
        .extracting(FixedCut::seconds)
        .isEqualTo(still.seconds());
  }

  @Test
  void allSeedsTogetherAreComparedWithOneCut() {
    FadingSimulated found =
        FadingSimulated.of(
            List.of(
                Fading.of(1, 10, 9, 2, List.of(new FixedCut("a", 10), new FixedCut("b", 20))),
                Fading.of(2, 10, 15, 3, List.of(new FixedCut("a", 30), new FixedCut("b", 10)))));

    assertThat(found.overBestFixed()).isEqualTo(new Spread(1.2, 0.9, 1.5, 2));
    assertThat(found.overBestCut()).isCloseTo(24.0 / 30, within(1e-12));
    assertThat(RuntimeTable.of(found))
        .contains(
            "| Seed, simulated | a | b | Re-split | Moves | Over the best fixed |",
            "| 1 | 10.0 | 20.0 | 9.0 | 2 | 0.90 |",
            "| 2 | 30.0 | 10.0 | 15.0 | 3 | 1.50 |");
  }
}
