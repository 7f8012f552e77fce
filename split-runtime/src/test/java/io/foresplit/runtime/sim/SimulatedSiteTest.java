package io.foresplit.runtime.sim;

import static io.foresplit.runtime.sim.ExactDemo.EDGE;
import static io.foresplit.runtime.sim.ExactDemo.INITIAL;
import static io.foresplit.runtime.sim.ExactDemo.JOB;
import static io.foresplit.runtime.sim.ExactDemo.cuts;
import static io.foresplit.runtime.sim.ExactDemo.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.fault.DemoJob;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SimulatedSiteTest {
  private static final JobId OTHER = new JobId("other");

  private static Simulation other(Placement placement) {
    JobSpec job =
        new JobSpec(
            OTHER,
            JOB.model(),
            JOB.batchSize(),
            JOB.interval(),
            JOB.layers(),
            JOB.nodes(),
            JOB.links(),
            JOB.dataOwner(),
            JOB.labelHolders(),
            JOB.minOwnerLayers(),
            JOB.objectives());
    return Simulation.of(job, placement, 2).withTraces(Map.of()).withMachine(Machine.exact());
  }

  private static List<SimulatedInterval> pass(SimulatedSite site, JobId job, int count) {
    List<SimulatedInterval> intervals = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      intervals.add(site.nextInterval().get(job));
    }
    return intervals;
  }

  @Test
  void jobsSlowEachOtherUntilOneMovesAway() throws IOException {
    SimulatedSite site = new SimulatedSite(List.of(ExactDemo.exact(), other(cuts(1, 5))));
    double first = mean(pass(site, JOB.id(), 1), EDGE, Metric.SLOWDOWN);
    assertThat(first).isCloseTo(1, within(1e-9)); // nobody has computed before
    List<SimulatedInterval> together = pass(site, JOB.id(), 40);
    double slowdown = mean(together, EDGE, Metric.SLOWDOWN);
    assertThat(slowdown).isBetween(1.15, 1.9);
    assertThat(site.runtime(JOB.id()).trueConditions().slowdowns().get(DemoJob.EDGE))
        .isCloseTo(slowdown, within(0.15));

    assertThat(site.runtime(OTHER).begin(OTHER, new ActionId("away"), 1, 0, cuts(1, 1)).state())
        .isEqualTo(State.IN_PROGRESS);
    pass(site, JOB.id(), 4);
    List<SimulatedInterval> apart = pass(site, JOB.id(), 40);
    assertThat(site.runtime(OTHER).topology(OTHER).placement()).isEqualTo(cuts(1, 1));
    assertThat(mean(apart, EDGE, Metric.SLOWDOWN)).isCloseTo(1, within(1e-9));
    assertThat(mean(apart, EDGE, Metric.FORWARD_SECONDS))
        .isLessThan(mean(together, EDGE, Metric.FORWARD_SECONDS) / 1.1);
  }

  @Test
  void theFactorIsOneMoreThanTheShareInWhichTheOtherComputes() {
    SimulatedSite site = new SimulatedSite(List.of(ExactDemo.exact(), other(INITIAL)));
    for (int i = 0; i < 30; i++) {
      site.nextInterval();
      for (JobId job : site.jobs()) {
        JobId others = job.equals(OTHER) ? JOB.id() : OTHER;
        site.runtime(others)
            .busyShares()
            .forEach(
                (node, share) -> {
                  assertThat(share).isBetween(0.0, 1.0);
                  assertThat(site.runtime(job).trueConditions().slowdowns().get(node))
                      .isCloseTo(1 + share, within(1e-12));
                });
      }
    }
    assertThat(site.runtime(OTHER).busyShares().get(DemoJob.DEVICE)).isGreaterThan(0.1);
  }

  @Test
  void oneJobIsExactlyItsRuntime() throws IOException {
    Simulation simulation =
        Simulation.of(JOB, INITIAL, 5)
            .withDisturbances(
                Disturbance.lasting(DisturbanceKind.CPU_CONTENTION, EDGE, 5, 5, 3)
                    .shaped(Shape.S_CURVE));
    SimulatedSite site = new SimulatedSite(List.of(simulation));
    SimulatedRuntime alone = new SimulatedRuntime(simulation);
    for (int i = 0; i < 80; i++) {
      if (i == 20) {
        for (SimulatedRuntime runtime : List.of(alone, site.runtime(JOB.id()))) {
          runtime.begin(JOB.id(), new ActionId("a"), 1, 0, cuts(2, 4));
        }
      }
      if (i == 40) {
        for (SimulatedRuntime runtime : List.of(alone, site.runtime(JOB.id()))) {
          runtime.restart(JOB.id(), new ActionId("b"), 1, 1, INITIAL, 3, 20);
        }
      }
      assertThat(site.nextInterval()).isEqualTo(Map.of(JOB.id(), alone.nextInterval()));
    }
    assertThat(alone.topology(JOB.id()).epoch()).isEqualTo(2);
  }

  @Test
  void theSameSiteSaysTheSame() {
    List<Simulation> jobs = List.of(Simulation.of(JOB, INITIAL, 5), other(INITIAL));
    SimulatedSite one = new SimulatedSite(jobs);
    SimulatedSite two = new SimulatedSite(jobs);
    for (int i = 0; i < 60; i++) {
      assertThat(one.nextInterval()).isEqualTo(two.nextInterval());
    }
    assertThat(one.nowSeconds()).isEqualTo(30);
  }

  @Test
  void timePassesForAllAtOnceOnly() {
    SimulatedSite site = new SimulatedSite(List.of(ExactDemo.exact(), other(INITIAL)));
    SimulatedRuntime runtime = site.runtime(OTHER);
    assertThatIllegalStateException()
        .isThrownBy(() -> runtime.move(OTHER, new ActionId("a"), 1, 0, cuts(2, 3)))
        .withMessage(
            "move lets time pass for job other alone, which shares machines with others: use begin"
                + " or restart, and nextInterval of the site");
    assertThatIllegalStateException().isThrownBy(runtime::nextInterval);
    assertThatIllegalStateException().isThrownBy(() -> runtime.advanceTo(3));
    assertThat(site.nowSeconds()).isZero();
  }

  @Test
  void jobsThatDoNotFitAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SimulatedSite(List.of()))
        .withMessage("a site needs at least one job");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SimulatedSite(List.of(ExactDemo.exact(), ExactDemo.exact())))
        .withMessage("two jobs of the site have the name demo");
    Simulation later = other(INITIAL);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new SimulatedSite(
                    List.of(ExactDemo.exact(), later.withStart(later.start().plusSeconds(1)))))
        .withMessageStartingWith(
            "jobs of a site need the same interval and start, demo has PT0.5S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SimulatedSite(List.of(ExactDemo.exact())).runtime(OTHER))
        .withMessage("the site has jobs [demo], asked was 'other'");
  }
}
