package io.foresplit.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.TierNetwork.Link;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DagCutPlannerTest {
  /** a feeds b and c, which feed d; a's output is large, b's and c's are small. */
  private static final ModelGraph DIAMOND =
      new ModelGraph(
          "diamond",
          List.of(
              layer("a", 1, 600, List.of()),
              layer("b", 1, 100, List.of(0)),
              layer("c", 1, 100, List.of(0)),
              layer("d", 6, 1, List.of(1, 2))));

  private static final TierNetwork NETWORK =
      new TierNetwork(
          List.of(Tier.ofSpeed("device", 1), Tier.ofSpeed("cloud", 10)),
          List.of(new Link(100, 100, 0.5)));

  private static Layer layer(String name, double seconds, long bytes, List<Integer> inputs) {
    return new Layer(
        name,
        "",
        inputs,
        seconds / 3,
        2 * seconds / 3,
        new LayerBytes(bytes, 0, 50, 50, bytes),
        inputs.isEmpty(),
        name.equals("d"));
  }

  @Test
  void cutsWhereComputeAndTensorsTogetherAreCheapest() {
    SplitPlan plan = DagCutPlanner.of(DIAMOND).plan(SplitRequest.of(NETWORK));
    // a, b and c on the device: 3 s; two tensors of 1 s and 0.5 s round trip each; d: 0.6 s
    assertThat(plan.tierOfLayer()).containsExactly(0, 0, 0, 1);
    assertThat(plan.stepSeconds()).isCloseTo(3 + 3 + 0.6, within(1e-9));
    assertThat(plan.links().get(0)).isEqualTo(new SplitPlan.LinkLoad(2, 200, 0, 3.0));
    assertThat(plan.tiers().get(0).layers()).isEqualTo(3);
    assertThat(plan.tiers().get(0).memoryBytes()).isEqualTo(800 + 3 * 150);
    assertThat(plan.optimal()).isTrue();
  }

  @Test
  void aTensorIsPaidOnceHoweverManyTakeIt() {
    SplitRequest pinned =
        SplitRequest.of(NETWORK).withPin("b", Set.of("cloud")).withPin("c", Set.of("cloud"));
    SplitPlan plan = DagCutPlanner.of(DIAMOND).plan(pinned);
    assertThat(plan.tierOfLayer()).containsExactly(0, 1, 1, 1);
    assertThat(plan.stepSeconds()).isCloseTo(1 + 6.5 + 0.8, within(1e-9));
    assertThat(plan.links().get(0).tensors()).isEqualTo(1);
  }

  @Test
  void betweenEqualsLayersStayNear() {
    ModelGraph free =
        new ModelGraph("free", List.of(layer("a", 0, 0, List.of()), layer("b", 0, 0, List.of(0))));
    assertThat(DagCutPlanner.of(free).plan(SplitRequest.of(NETWORK)).tierOfLayer())
        .containsExactly(0, 0);
  }

  @Test
  void rulesThatLeaveNoPlaceAreToldInOneLine() {
    SplitRequest impossible =
        SplitRequest.of(NETWORK).withPin("b", Set.of("cloud")).withPin("d", Set.of("device"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DagCutPlanner.of(DIAMOND).plan(impossible))
        .withMessage(
            "no placement keeps all rules: layer d must be on [device], but takes the output of"
                + " layer b, which must be on cloud or farther; change the pins");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                DagCutPlanner.of(DIAMOND)
                    .plan(SplitRequest.of(NETWORK).withPin("e", Set.of("cloud"))))
        .withMessage("model diamond has no layer e");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                DagCutPlanner.of(DIAMOND).plan(SplitRequest.of(NETWORK).withLabelsOn(Set.of("x"))))
        .withMessage("no tier x, the network has [device, cloud]");
  }

  @Test
  void aModelThatFitsNowhereIsTold() {
    TierNetwork small =
        new TierNetwork(
            List.of(new Tier("device", 1, Map.of(), 100), new Tier("cloud", 1, Map.of(), 100)),
            NETWORK.links());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DagCutPlanner.of(DIAMOND).plan(SplitRequest.of(small)))
        .withMessageContaining("no placement found that fits the memory of the tiers");
  }

  @Test
  void aTierThatMeasuresMustMeasureAll() {
    TierNetwork measured =
        new TierNetwork(
            List.of(Tier.ofSpeed("device", 1), new Tier("cloud", 1, Map.of("a", 1.0), 1e9)),
            NETWORK.links());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DagCutPlanner.of(DIAMOND).plan(SplitRequest.of(measured)))
        .withMessageStartingWith("tier cloud has layerSeconds, but none of layer b");
  }

  @Test
  void aMoveMustPayWithinItsHorizon() {
    Map<String, String> onDevice = new HashMap<>();
    DIAMOND.layers().forEach(l -> onDevice.put(l.name(), "device"));
    // all on the device takes 9 s a step, the best 6.6 s; moving d's 100 bytes takes 1 s, and 2 s
    SplitRequest request = SplitRequest.of(NETWORK);
    SplitPlan stay =
        DagCutPlanner.of(DIAMOND).plan(request.withMigration(new Migration(onDevice, 1, 2)));
    assertThat(stay.tierOfLayer()).containsExactly(0, 0, 0, 0);
    assertThat(stay.moveSeconds()).isZero();
    assertThat(stay.optimal()).isTrue();
    SplitPlan move =
        DagCutPlanner.of(DIAMOND).plan(request.withMigration(new Migration(onDevice, 2, 2)));
    assertThat(move.tierOfLayer()).containsExactly(0, 0, 0, 1);
    assertThat(move.moveSeconds()).isCloseTo(3, within(1e-9));
    assertThat(move.stepSeconds()).isCloseTo(6.6, within(1e-9));
    assertThat(move.objectiveSeconds()).isCloseTo(6.6 + 1.5, within(1e-9));
  }

  @Test
  void knownShapesHaveBlocksThatCanBeContracted() {
    assertThat(ModelShapes.resNet50().layers()).hasSizeBetween(170, 185);
    assertThat(ModelShapes.denseNet121().layers()).hasSizeBetween(415, 435);
    for (ModelGraph model : List.of(ModelShapes.resNet50(), ModelShapes.denseNet121())) {
      LayerBlocks blocks = new LayerBlocks(model, model.consumers(), new MinimumCut());
      int members = blocks.blocks().stream().mapToInt(List::size).sum();
      assertThat(members).as(model.name()).isGreaterThan(model.layers().size() / 3);
      for (int tiers = 2; tiers <= 3; tiers++) {
        SplitRequest request = SplitRequest.of(ModelShapes.network(tiers));
        double plain = DagCutPlanner.whole(model).plan(request).objectiveSeconds();
        assertThat(DagCutPlanner.of(model).plan(request).objectiveSeconds())
            .isCloseTo(plain, within(1e-9 * plain));
      }
    }
  }

  @Test
  void anInteriorThatIsCheaperToCutIsNotContracted() {
    ModelGraph narrow =
        new ModelGraph(
            "narrow",
            List.of(
                layer("a", 1, 600, List.of()),
                layer("b", 1, 100, List.of(0)),
                layer("c", 1, 700, List.of(1)),
                layer("e", 1, 800, List.of(2)),
                layer("d", 1, 900, List.of(3))));
    LayerBlocks blocks = new LayerBlocks(narrow, narrow.consumers(), new MinimumCut());
    assertThat(blocks.blocks()).containsExactly(List.of(2, 3, 4));
  }

  @Test
  void memoryOnALargeGraphGivesAPlanThatFitsAndABound() {
    ModelGraph model = ModelShapes.denseNet121();
    double needed = model.layers().stream().mapToDouble(layer -> layer.bytes().memory()).sum();
    TierNetwork base = ModelShapes.network(2);
    TierNetwork limited =
        new TierNetwork(
            List.of(base.tiers().get(0), new Tier("cloud", 20, Map.of(), needed / 2)),
            base.links());
    SplitPlan plan = DagCutPlanner.of(model).plan(SplitRequest.of(limited));
    assertThat(plan.tiers().get(1).memoryBytes()).isLessThanOrEqualTo(needed / 2);
    assertThat(plan.boundSeconds()).isPositive().isLessThanOrEqualTo(plan.objectiveSeconds());
    double free = DagCutPlanner.of(model).plan(SplitRequest.of(base)).objectiveSeconds();
    assertThat(plan.boundSeconds()).isGreaterThanOrEqualTo(free * (1 - 1e-9));
  }
}
