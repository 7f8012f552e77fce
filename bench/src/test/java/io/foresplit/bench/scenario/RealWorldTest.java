package io.foresplit.bench.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.fault.FaultKind;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.link.RecordedTrace;
import io.foresplit.runtime.sim.LinkCourse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RealWorldTest {
  private static final String JOB =
      """
      id: own
      duration: 80 s
      job:
        id: own
        model: lenet
        optimiser: { name: sgd-momentum, learningRate: 0.02 }
        batchSize: 32
        interval: 500 ms
        nodes:
          - { id: device, speed: 0.5 }
          - { id: edge, speed: 0.8 }
          - { id: cloud, speed: 1.5 }
        links:
          - { between: [device, edge], up: 50 Mbit/s, down: 100 Mbit/s, delay: 2 ms, jitter: 1 ms, loss: 0.2 % }
          - { between: [edge, cloud], up: 40 Mbit/s, down: 80 Mbit/s, delay: 5 ms }
        dataOwner: device
        labelHolders: [edge, cloud]
        minOwnerLayers: 1
        objectives:
          - { id: step-time, metric: step-seconds, bound: 280 ms, duration: 3 s, severity: critical }
        cuts: [2, 3]
      """;

  @TempDir Path folder;

  private static ScenarioFile file(String rest) throws ScenarioFileException {
    return ScenarioFile.parse(JOB + rest, "own.yaml", Path.of(""));
  }

  private RateTrace trace(RealWorld world, String name) throws Exception {
    Path csv = folder.resolve(name);
    Files.writeString(csv, world.traces().get(name));
    return RecordedTrace.fromCsv(csv);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind: uplink-fade, size: 8, ramp: 15 s, shape: s-curve, lasts: 25 s",
        "kind: latency-rise, size: 0.3, ramp: 10 s",
        "kind: jitter, size: 0.2",
        "kind: packet-loss, size: 0.1, ramp: 10 s",
        "kind: link-flap, size: 0.8, period: 0.8 s",
        "kind: handover-gap, size: 9"
      })
  void aLinkFollowsTheCourseOfTheSimulatedOne(String fault) throws Exception {
    ScenarioFile file = file("faults:\n  - { target: device->edge, onset: 40 s, " + fault + " }\n");
    RateTrace trace = trace(RealWorld.of(file, false), "link-device-edge.csv");
    Scenario scenario = file.scenario();
    LinkCourse link =
        LinkCourse.of(
            scenario.jobs().get(0).simulation(scenario.worldSeed()),
            new ComponentId("device->edge"));
    double differing = 0;
    for (int cell = 0; cell < 4000; cell++) {
      double t = (cell + 0.5) * 0.02;
      LinkCourse.State state = link.at(t);
      assertThat(trace.bytesPerSecond(t)).isCloseTo(state.bytesPerSecond(), within(0.06));
      assertThat(trace.delaySeconds(t).orElseThrow()).isCloseTo(state.delaySeconds(), within(1e-6));
      assertThat(trace.jitterSeconds(t)).isCloseTo(0.001, within(1e-6));
      assertThat(trace.loss(t)).isCloseTo(0.002, within(1e-6));
      boolean healthy = state.bytesPerSecond() > 4e6 && state.delaySeconds() < 0.003;
      differing += healthy ? 0 : 1;
    }
    assertThat(differing).as("cells in which the fault shows").isGreaterThan(300);
  }

  @ParameterizedTest
  @CsvSource({
    "straggler, device, 4, NODE_SLOWDOWN",
    "cpu-contention, edge, 3, CONTENTION",
    "label-drift, device, 0.8, LABEL_DRIFT"
  })
  void aNodeInjectsWhatStrikesIt(String kind, String node, double size, FaultKind expected)
      throws Exception {
    RealWorld world =
        RealWorld.of(
            file(
                "faults:\n  - { kind: %s, target: %s, onset: 38 s, ramp: 20 s, size: %s }\n"
                    .formatted(kind, node, size)),
            false);
    assertThat(world.faults().fault().kind()).isEqualTo(expected);
    assertThat(world.faults().fault().component().value()).isEqualTo(node);
    assertThat(world.faults().fault().onsetSeconds()).isEqualTo(38);
    assertThat(world.faults().fault().rampSeconds()).isEqualTo(20);
    assertThat(world.faults().fault().size()).isEqualTo(size);
    assertThat(world.outages()).isEmpty();
  }

  @Test
  void aCrashedNodeIsAwayAsLongAsTheScenarioSays() throws Exception {
    RealWorld world =
        RealWorld.of(
            file("faults:\n  - { kind: node-crash, target: cloud, onset: 40 s, lasts: 20 s }\n"),
            true);
    assertThat(world.outages()).containsExactly(new RealWorld.Outage(new NodeId("cloud"), 40, 60));
    assertThat(world.faults().fault().kind()).isEqualTo(FaultKind.NONE);
    assertThat(world.job().replication()).isPresent();
    assertThat(world.job().placement()).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: memory-leak, target: edge, onset: 40 s, ramp: 20 s, size: 1 GB } | memory-leak on edge",
        "{ kind: feature-drift, target: device, onset: 40 s, size: 0.9 } | feature-drift on device",
        "{ kind: exploding-gradients, target: cloud, onset: 40 s, size: 10 } | exploding-gradients on cloud",
        "{ kind: node-crash, target: device, onset: 40 s } | layers of the data owner",
        "{ kind: cpu-contention, target: edge, onset: 40 s, size: 20 } | of size 16.0 at most",
        "{ kind: straggler, target: device, onset: 40 s, size: 3, lasts: 10 s } | must last to the end",
        "{ kind: straggler, target: device, onset: 40 s, ramp: 9 s, shape: stairs, size: 3 } | shape linear"
      })
  void whatProcessesCannotDoIsRefusedInOneLine(String fault, String why) throws Exception {
    ScenarioFile file = file("faults:\n  - " + fault + "\n");
    assertThatThrownBy(() -> RealWorld.of(file, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("scenario own cannot run on the real runtime: ")
        .hasMessageContaining(why)
        .hasMessageNotContaining("\n");
  }

  @Test
  void hardButHealthyBehaviourPlannedMovesAndTwoFaultsOfNodesAreRefused() throws Exception {
    for (String rest :
        new String[] {
          "normal:\n  - { kind: diurnal-load, target: edge, onset: 0 s, period: 60 s, size: 1.3 }\n",
          "plannedMoves:\n  - { at: 40 s, cuts: [1, 3] }\n",
          """
          faults:
            - { kind: straggler, target: device, onset: 40 s, size: 3 }
            - { kind: label-drift, target: device, onset: 50 s, size: 0.5 }
          """
        }) {
      ScenarioFile file = file(rest);
      assertThatThrownBy(() -> RealWorld.of(file, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("scenario own cannot run on the real runtime: ");
    }
  }
}
