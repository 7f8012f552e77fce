package io.foresplit.bench.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.bench.measure.Truth;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.Machine;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TruthsTest {
  /** Of the chain device, edge, metro, cloud the edge has no layers. */
  private static final Topology.Member MEMBER =
      Topology.all().stream()
          .filter(t -> t.name().equals("chain-4"))
          .findFirst()
          .orElseThrow()
          .jobs()
          .get(0);

  @ParameterizedTest
  @CsvSource({
    "UPLINK_FADE, device->edge, 4, device->edge, uplink-fade, device->edge edge job",
    "DOWNLINK_FADE, cloud->metro, 4, cloud->metro, downlink-fade, cloud->metro metro job",
    "LATENCY_RISE, device->edge, 1, device->edge, latency-rise, device->edge edge job",
    "JITTER, edge->device, 1, edge->device, latency-rise, edge->device device job",
    "PACKET_LOSS, edge->metro, 0.1, edge->metro, uplink-fade, edge->metro metro job",
    "LINK_FLAP, metro->edge, 0.5, metro->edge, downlink-fade, metro->edge edge job",
    "HANDOVER_GAP, device->edge, 1, device->edge, uplink-fade, device->edge edge job",
    "CPU_CONTENTION, device, 4, device, node-slowdown, device metro job",
    "PERIODIC_CPU_CONTENTION, metro, 4, metro, node-slowdown, metro cloud job",
    "STRAGGLER, device, 4, device, node-slowdown, device metro job",
    "MEMORY_LEAK, metro, 1e9, metro, node-loss, metro cloud job",
    "NODE_CRASH, cloud, 1, cloud, node-loss, cloud metro job",
    "LABEL_DRIFT, metro, 1, device, label-drift, device job",
    "FEATURE_DRIFT, device, 1, device, feature-drift, device job",
    "EXPLODING_GRADIENTS, cloud, 10, job, exploding-gradients, job",
    "STALE_WEIGHTS, metro, 1500, metro, stale-weights, metro job",
    "CORRUPTED_ACTIVATIONS, metro, 0.4, metro, corrupted-activations, metro job",
  })
  void eachKindHasItsTruth(
      DisturbanceKind kind, String at, double size, String component, String cause, String path) {
    Disturbance fault = Disturbance.recurring(kind, new ComponentId(at), 300, 0, 60, size);

    List<Truth> truths = Truths.of(job(fault), 1200, List.of(OptionalDouble.of(320)));

    assertThat(truths)
        .containsExactly(
            new Truth(kind.label(), component, cause, 300, 1200, 320.0, List.of(path.split(" "))));
  }

  @Test
  void aFaultEndsWhenItIsOverAndMayNotBreach() {
    Disturbance fault =
        Disturbance.lasting(DisturbanceKind.STRAGGLER, new ComponentId("device"), 300, 0, 4)
            .lasting(100);

    Truth truth = Truths.of(job(fault), 1200, List.of(OptionalDouble.empty())).get(0);

    assertThat(truth.endSeconds()).isEqualTo(400);
    assertThat(truth.breachSeconds()).isNull();
  }

  @Test
  void whatIsWrongAtAMomentIsToldUntilAWhileAfterItsEnd() {
    ComponentId device = new ComponentId("device");
    Scenario.Job job =
        job(
            Disturbance.lasting(DisturbanceKind.STRAGGLER, device, 300, 0, 4).lasting(100),
            Disturbance.lasting(DisturbanceKind.CPU_CONTENTION, device, 350, 0, 4).lasting(100),
            Disturbance.lasting(DisturbanceKind.LABEL_DRIFT, device, 390, 0, 0.5).lasting(100));
    double interval = job.spec().interval().toMillis() / 1e3;
    Truths.Struck slow = new Truths.Struck(device, Cause.NODE_SLOWDOWN);
    Truths.Struck drift = new Truths.Struck(device, Cause.LABEL_DRIFT);

    assertThat(Truths.around(job, 300 - 2 * interval)).isEmpty();
    assertThat(Truths.at(job, 360)).containsExactly(slow);
    assertThat(Truths.at(job, 395)).containsExactly(slow, drift);
    assertThat(Truths.at(job, 490 + interval)).isEmpty();
    assertThat(Truths.around(job, 490 + 9 * interval)).containsExactly(drift);
    assertThat(Truths.around(job, 490 + 11 * interval)).isEmpty();
  }

  @Test
  void eachFaultNeedsATimeOfItsBreach() {
    assertThatThrownBy(() -> Truths.of(job(), 1200, List.of(OptionalDouble.empty())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("has 0 faults", "was 1");
  }

  private static Scenario.Job job(Disturbance... faults) {
    return new Scenario.Job(
        MEMBER.spec(),
        Placement.ofCuts(
            MEMBER.spec().nodes().stream().map(NodeSpec::id).toList(), 11, List.of(2, 2, 7)),
        MEMBER.optimiser(),
        Map.of(),
        Machine.usual(),
        List.of(faults),
        List.of(),
        List.of());
  }
}
