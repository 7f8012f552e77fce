package io.foresplit.runtime.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.fault.DemoJob;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DisturbanceTest {
  private static final ComponentId UP = ComponentId.link(DemoJob.DEVICE, DemoJob.EDGE);
  private static final ComponentId EDGE = ComponentId.of(DemoJob.EDGE);

  @Test
  void aFactorGrowsEvenlyOnALogarithmicScaleAndEnds() {
    Disturbance fade = Disturbance.lasting(DisturbanceKind.UPLINK_FADE, UP, 10, 20, 16).lasting(60);
    assertThat(fade.strength(9.9)).isEqualTo(1);
    assertThat(fade.strength(20)).isCloseTo(4, within(1e-9));
    assertThat(fade.strength(69)).isEqualTo(16);
    assertThat(fade.strength(70)).isEqualTo(1);
  }

  @Test
  void whatIsNoFactorGrowsEvenly() {
    Disturbance rise = Disturbance.lasting(DisturbanceKind.LATENCY_RISE, UP, 10, 10, 0.2);
    assertThat(rise.strength(0)).isZero();
    assertThat(rise.strength(15)).isCloseTo(0.1, within(1e-12));
    assertThat(rise.strength(1e9)).isEqualTo(0.2);
  }

  @Test
  void whatComesAndGoesDoesSoWithItsPeriod() {
    Disturbance flap = Disturbance.recurring(DisturbanceKind.LINK_FLAP, UP, 10, 0, 8, 0.25);
    assertThat(List.of(10.0, 11.9, 12.1, 17.9, 18.1).stream().map(flap::progress))
        .containsExactly(1.0, 1.0, 0.0, 0.0, 1.0);
    Disturbance gap = Disturbance.lasting(DisturbanceKind.HANDOVER_GAP, UP, 10, 0, 1.5);
    assertThat(List.of(9.9, 10.0, 11.4, 11.6, 20.0).stream().map(gap::progress))
        .containsExactly(0.0, 1.0, 1.0, 0.0, 0.0);
    Disturbance busy =
        Disturbance.recurring(DisturbanceKind.PERIODIC_CPU_CONTENTION, EDGE, 0, 0, 10, 3);
    assertThat(busy.strength(4)).isEqualTo(3);
    assertThat(busy.strength(6)).isEqualTo(1);
    Disturbance day = Disturbance.recurring(DisturbanceKind.DIURNAL_LOAD, EDGE, 0, 0, 100, 4);
    assertThat(day.strength(50)).isCloseTo(4, within(1e-9));
    assertThat(day.strength(25)).isCloseTo(2, within(1e-9));
  }

  @Test
  void aLeakEndsTheProcessWhenMemoryIsExhausted() {
    Disturbance leak =
        Disturbance.lasting(DisturbanceKind.MEMORY_LEAK, EDGE, 10, 30, 1e9).lasting(50);
    assertThat(leak.strength(25)).isEqualTo(5e8);
    assertThat(leak.presentFrom(39)).isEqualTo(39);
    assertThat(leak.presentFrom(41)).isEqualTo(60);
    assertThat(leak.presentFrom(61)).isEqualTo(61);
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void everyShapeNeverFallsAndReachesTheSameEnds(Shape shape) {
    Disturbance rise =
        Disturbance.lasting(DisturbanceKind.LATENCY_RISE, UP, 10, 40, 0.2)
            .lasting(60)
            .shaped(shape);
    assertThat(rise.strength(9.99)).isZero();
    assertThat(rise.strength(50)).isEqualTo(0.2);
    assertThat(rise.strength(69.99)).isEqualTo(0.2);
    assertThat(rise.strength(70)).isZero();
    double before = 0;
    for (double t = 10; t <= 50; t += 0.25) {
      assertThat(rise.strength(t)).isBetween(before, 0.2);
      before = rise.strength(t);
    }
    assertThat(Shape.ofLabel(shape.label())).isEqualTo(shape);
  }

  @Test
  void betweenTheEndsEachShapeHasItsOwnWay() {
    Disturbance fade = Disturbance.lasting(DisturbanceKind.UPLINK_FADE, UP, 0, 120, 16);
    assertThat(fade.shape()).isEqualTo(Shape.LINEAR);
    assertThat(List.of(30.0, 60.0, 90.0).stream().map(fade::progress))
        .containsExactly(0.25, 0.5, 0.75);
    assertThat(List.of(30.0, 60.0, 90.0).stream().map(fade.shaped(Shape.ACCELERATING)::progress))
        .containsExactly(0.0625, 0.25, 0.5625);
    assertThat(List.of(30.0, 60.0, 90.0).stream().map(fade.shaped(Shape.S_CURVE)::progress))
        .containsExactly(0.15625, 0.5, 0.84375);
    Disturbance stairs = fade.shaped(Shape.STAIRS);
    assertThat(List.of(0.0, 39.0, 41.0, 81.0, 119.0, 120.0).stream().map(stairs::progress))
        .containsExactly(0.25, 0.25, 0.5, 0.75, 0.75, 1.0);
    assertThat(stairs.strength(41)).isCloseTo(4, within(1e-9));
  }

  @Test
  void everyKindHasALabelOfItsOwn() {
    for (DisturbanceKind kind : DisturbanceKind.values()) {
      assertThat(DisturbanceKind.ofLabel(kind.label())).isEqualTo(kind);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DisturbanceKind.ofLabel("rain"))
        .withMessageContaining("uplink-fade")
        .withMessageEndingWith("was 'rain'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shape.ofLabel("jagged"))
        .withMessage("shape must be one of linear, accelerating, s-curve, stairs, was 'jagged'");
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Disturbance.lasting(DisturbanceKind.JITTER, EDGE, 0, 0, 0.1))
        .withMessage("a jitter strikes a LINK, was edge");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Disturbance.lasting(DisturbanceKind.PACKET_LOSS, UP, 0, 0, 1.2))
        .withMessage("size of a packet-loss must be in [0, 1], was 1.2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Disturbance.lasting(DisturbanceKind.UPLINK_FADE, UP, 0, 0, Double.NaN))
        .withMessageContaining("was NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Disturbance.lasting(DisturbanceKind.LINK_FLAP, UP, 0, 0, 0.5).progress(0))
        .withMessageContaining("needs periodSeconds");
    Simulation simulation =
        Simulation.of(
            DemoJob.JOB,
            Placement.ofCuts(
                List.of(DemoJob.DEVICE, DemoJob.EDGE, DemoJob.CLOUD), 5, List.of(1, 3)),
            1);
    ComponentId down = ComponentId.link(DemoJob.EDGE, DemoJob.DEVICE);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                simulation.withDisturbances(
                    Disturbance.lasting(DisturbanceKind.UPLINK_FADE, down, 0, 0, 2),
                    Disturbance.lasting(
                        DisturbanceKind.NODE_CRASH, new ComponentId("fog"), 0, 0, 1)))
        .withMessageContaining("edge->device, which is not what that kind strikes")
        .withMessageContaining("fog, which the job lacks");
  }
}
