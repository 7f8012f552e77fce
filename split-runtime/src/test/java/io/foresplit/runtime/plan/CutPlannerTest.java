package io.foresplit.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CutPlannerTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final ComponentId A_B = ComponentId.link(A, B);

  private final CutPlanner planner = new CutPlanner();

  @Test
  void addsComputeAndEachHopOfActivationAndGradient() {
    JobSpec job = job(1, B, C);
    double layers = 0.3 / 1 + 0.3 / 4 + 0.3 / 4;
    double relayed =
        1000 / 10_000.0
            + 0.01
            + 1000 / 5_000.0
            + 0.02 // activation: a->b, b->c
            + 1000 / 2_500.0
            + 0.03
            + 1000 / 20_000.0
            + 0.04; // gradient: c->b, b->a
    assertThat(planner.predict(job, new Placement(List.of(A, C, C)), job.declaredConditions()))
        .isCloseTo(layers + relayed, within(1e-12));
    Conditions slow = job.declaredConditions().withSlowdown(C, 3);
    assertThat(planner.predict(job, new Placement(List.of(A, C, C)), slow))
        .isCloseTo(0.3 + 3 * 0.15 + relayed, within(1e-12));
  }

  @Test
  void whatTheConditionsDoNotNameIsAsDeclared() {
    JobSpec job = job(1, B, C);
    Placement placement = new Placement(List.of(A, B, C));
    assertThat(planner.predict(job, placement, new Conditions(Map.of(), Map.of())))
        .isEqualTo(planner.predict(job, placement, job.declaredConditions()));
  }

  @Test
  void movesLayersAwayFromASlowNodeAndOffASlowLink() {
    JobSpec job = job(1, B, C);
    Conditions declared = job.declaredConditions();
    assertThat(planner.best(job, declared).describe()).isEqualTo("a[0] b[1-2]");
    assertThat(planner.best(job, declared.withSlowdown(B, 20)).describe()).isEqualTo("a[0] c[1-2]");
    assertThat(planner.best(job, declared.withLink(A_B, new LinkCondition(500, 0))).describe())
        .isEqualTo("a[0-1] b[2]");
  }

  @Test
  void staysOnTheOwnerWithRawDataEvenWhenTheJobPinsNothing() {
    JobSpec job = job(0, C);
    assertThat(planner.best(job, job.declaredConditions()).firstLayer(A)).isZero();
    assertThat(Alternatives.allowed(job)).allMatch(p -> p.nodeOfLayer().get(0).equals(A));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> planner.predict(job, new Placement(List.of(B, B, C)), job.declaredConditions()))
        .withMessageContaining("layer 0 must be on the data owner a");
  }

  @Test
  void moveCostsTwiceTheParametersOverEachLinkOfTheWay() {
    JobSpec job = job(1, B, C);
    Conditions declared = job.declaredConditions();
    Placement from = new Placement(List.of(A, C, C));
    assertThat(planner.moveSeconds(job, from, from, declared)).isZero();
    assertThat(planner.moveSeconds(job, from, new Placement(List.of(A, A, B)), declared))
        .isCloseTo(
            0.1
                + (2 * 100 / 2_500.0 + 0.03 + 2 * 100 / 20_000.0 + 0.04) // layer 1: c->b->a
                + (2 * 100 / 2_500.0 + 0.03), // layer 2: c->b
            within(1e-12));
  }

  @Test
  void saysWhyNoPlacementIsAllowed() {
    JobSpec job = job(3, B);
    assertThat(Alternatives.allowed(job)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> planner.best(job, job.declaredConditions()))
        .withMessageContaining("allows no placement")
        .withMessageContaining("first 3 of 3 layers stay on a")
        .withMessageContaining("[b]");
  }

  @Test
  void refusesConditionsThatOverflow() {
    JobSpec job = job(1, B, C);
    Conditions absurd =
        job.declaredConditions().withLink(A_B, new LinkCondition(Double.MIN_VALUE, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> planner.best(job, absurd))
        .withMessageContaining("not finite");
  }

  private static JobSpec job(int minOwnerLayers, NodeId... labelHolders) {
    return new JobSpec(
        new JobId("three"),
        "mlp",
        8,
        Duration.ofMillis(500),
        List.of(
            new LayerProfile("one", 0.1, 0.2, 1000, 100),
            new LayerProfile("two", 0.1, 0.2, 800, 100),
            new LayerProfile("three", 0.1, 0.2, 10, 100)),
        List.of(new NodeSpec(A, 1), new NodeSpec(B, 2), new NodeSpec(C, 4)),
        List.of(
            new LinkSpec(A, B, 10_000, 0.01),
            new LinkSpec(B, C, 5_000, 0.02),
            new LinkSpec(C, B, 2_500, 0.03),
            new LinkSpec(B, A, 20_000, 0.04)),
        A,
        List.of(labelHolders),
        minOwnerLayers,
        List.of());
  }
}
