package io.foresplit.runtime.sim;

import static io.foresplit.runtime.sim.ExactDemo.EDGE;
import static io.foresplit.runtime.sim.ExactDemo.INITIAL;
import static io.foresplit.runtime.sim.ExactDemo.JOB;
import static io.foresplit.runtime.sim.ExactDemo.PREDICTED;
import static io.foresplit.runtime.sim.ExactDemo.UP;
import static io.foresplit.runtime.sim.ExactDemo.cuts;
import static io.foresplit.runtime.sim.ExactDemo.exact;
import static io.foresplit.runtime.sim.ExactDemo.intervals;
import static io.foresplit.runtime.sim.ExactDemo.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.fault.DemoJob;
import io.foresplit.runtime.fault.FaultKind;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.fault.FaultSpec;
import io.foresplit.runtime.link.RateTrace;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimulatedRuntimeTest {
  private static MoveResult move(
      SimulatedRuntime runtime, String action, long term, long epoch, Placement target)
      throws IOException {
    return runtime.move(JOB.id(), new ActionId(action), term, epoch, target);
  }

  @Test
  void anExactStepIsThatOfTheStepTimeModel() throws IOException {
    SimulatedRuntime runtime = new SimulatedRuntime(exact());
    runtime.advanceTo(10);
    List<TrainingProgress.Step> steps = runtime.progress(JOB.id(), 0).log();
    assertThat(steps).hasSize((int) (10 / PREDICTED));
    // envelopes have addresses, and now and then a probe is in the way
    assertThat(steps.stream().mapToDouble(TrainingProgress.Step::seconds).average().orElseThrow())
        .isCloseTo(PREDICTED, within(0.01 * PREDICTED));
    assertThat(steps.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(0, steps.size()).boxed().toList());
  }

  @Test
  void aTransferThatSpansAChangeOfTheTraceTakesBothRates() throws IOException {
    // 150,528 bytes at 10,000 bytes/s until second 5, then at 1,000,000
    RateTrace trace = t -> t < 5 ? 1e4 : 1e6;
    SimulatedRuntime runtime = new SimulatedRuntime(exact().withTraces(Map.of(UP, trace)));
    runtime.advanceTo(9);
    TrainingProgress.Step first = runtime.progress(JOB.id(), 0).log().get(0);
    double sent = 2 * JOB.layers().get(0).forwardSeconds();
    double left = JOB.layers().get(0).outputBytes() - (5 - sent) * 1e4;
    double onWire = JOB.layers().get(0).outputBytes() / JOB.links().get(0).bytesPerSecond();
    assertThat(first.seconds()).isCloseTo(PREDICTED - onWire + 5 - sent + left / 1e6, within(0.05));
  }

  @Test
  void reportsAreOfTheWallsIntervalsAndComplete() {
    SimulatedRuntime runtime = new SimulatedRuntime(Simulation.of(JOB, INITIAL, 1));
    List<SimulatedInterval> intervals = intervals(runtime, 20);
    SimulatedInterval last = intervals.get(19);
    assertThat(runtime.nowSeconds()).isEqualTo(10);
    assertThat(last.number())
        .isEqualTo(last.end().toEpochMilli() / JOB.interval().toMillis() - 1)
        .isEqualTo(intervals.get(0).number() + 19);
    assertThat(last.reports().stream().map(SegmentReport::node).toList())
        .containsExactly(DemoJob.DEVICE, DemoJob.EDGE, DemoJob.CLOUD);
    assertThat(last.reports())
        .allMatch(
            r ->
                r.sequence() == 20
                    && r.interval() == last.number()
                    && r.reportedAt().equals(last.end())
                    && r.samples().stream().allMatch(s -> s.metric().accepts(s.value())));
    assertThat(intervals.get(0).announced()).hasSize(1);
    assertThat(intervals.subList(1, 20)).allMatch(i -> i.announced().isEmpty());
    assertThat(mean(intervals, ComponentId.JOB, Metric.STEPS_PER_SECOND))
        .isCloseTo(1 / mean(intervals, ComponentId.JOB, Metric.STEP_SECONDS), within(0.2));
    assertThat(mean(intervals, EDGE, Metric.SLOWDOWN)).isCloseTo(1, within(0.02));
    assertThat(mean(intervals, UP, Metric.LINK_RATE)).isCloseTo(6.25e6, within(6e5));
    assertThat(mean(intervals, UP, Metric.LINK_DELAY_SECONDS)).isCloseTo(0.002, within(1e-9));
  }

  @Test
  void aMoveTakesTimeLosesNoStepAndIsAnnounced() throws IOException {
    SimulatedRuntime runtime = new SimulatedRuntime(Simulation.of(JOB, INITIAL, 1));
    runtime.advanceTo(5.2);
    MoveResult result = move(runtime, "a", 1, 0, cuts(2, 4));
    assertThat(result.state()).isEqualTo(State.COMMITTED);
    assertThat(result.detail())
        .isEqualTo("device[0] edge[1-2] cloud[3-4] -> device[0-1] edge[2-3] cloud[4]");
    assertThat(result.movedBytes()).isBetween(2L * (9_664 + 40_656), 2L * (9_664 + 40_656) + 1_000);
    assertThat(result.pauseMillis()).isBetween(20L, 60L);
    assertThat(runtime.nowSeconds()).isBetween(5.22, 5.6);
    List<SimulatedInterval> intervals = intervals(runtime, 20);
    List<SplitTopology> announced =
        intervals.stream().flatMap(i -> i.announced().stream()).toList();
    assertThat(announced).extracting(SplitTopology::epoch).containsExactly(0L, 1L);
    assertThat(announced.get(1)).isEqualTo(runtime.topology(JOB.id()));
    assertThat(intervals.get(9).reports()).allMatch(r -> r.epoch() == 0);
    assertThat(intervals.get(12).reports()).allMatch(r -> r.epoch() == 1);
    List<TrainingProgress.Step> steps = runtime.progress(JOB.id(), 0).log();
    assertThat(steps.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(0, steps.size()).boxed().toList());
    assertThat(steps).extracting(TrainingProgress.Step::epoch).containsOnly(0L, 1L).isSorted();
  }

  @Test
  void aMoveThatIsBegunGoesOnWithTime() throws IOException {
    SimulatedRuntime runtime = new SimulatedRuntime(Simulation.of(JOB, INITIAL, 1));
    ActionId action = new ActionId("a");
    runtime.nextInterval();
    assertThat(runtime.begin(JOB.id(), action, 1, 0, cuts(2, 3)).state())
        .isEqualTo(State.IN_PROGRESS);
    assertThat(runtime.nowSeconds()).isEqualTo(0.5);
    assertThat(move(runtime, "b", 1, 0, cuts(1, 4)).detail()).isEqualTo("action a is under way");
    runtime.nextInterval();
    runtime.nextInterval();
    MoveResult result = runtime.status(JOB.id(), action).orElseThrow();
    assertThat(result.state()).isEqualTo(State.COMMITTED);
    assertThat(runtime.begin(JOB.id(), action, 1, 0, cuts(2, 3))).isEqualTo(result);
  }

  @Test
  void whatIsStaleIsRefusedAndWhatIsRepeatedHasNoSecondEffect() throws IOException {
    SimulatedRuntime runtime = new SimulatedRuntime(exact());
    runtime.fence(JOB.id(), 7);
    MoveResult lowTerm = move(runtime, "low", 6, 0, cuts(2, 3));
    MoveResult wrongEpoch = move(runtime, "stale", 7, 1, cuts(2, 3));
    MoveResult privacy = move(runtime, "private", 7, 0, cuts(0, 3));
    MoveResult labels = move(runtime, "labels", 7, 0, cuts(5, 5));
    MoveResult same = move(runtime, "same", 7, 0, INITIAL);
    assertThat(List.of(lowTerm, wrongEpoch, privacy, labels, same))
        .allMatch(result -> result.state() == State.REFUSED && result.epoch() == 0);
    assertThat(lowTerm.detail()).isEqualTo("term 6 is below the highest one, 7");
    assertThat(wrongEpoch.detail()).isEqualTo("epoch 1 is not the one in force, 0");
    assertThat(privacy.detail()).contains("must stay on the data owner");
    assertThat(labels.detail()).contains("holds no labels");
    assertThat(runtime.status(JOB.id(), new ActionId("low"))).isEmpty();

    MoveResult done = move(runtime, "good", 8, 0, cuts(2, 3));
    assertThat(move(runtime, "good", 8, 0, cuts(2, 3))).isEqualTo(done);
    assertThat(runtime.topology(JOB.id()).epoch()).isEqualTo(1);
    assertThatThrownBy(() -> runtime.fence(JOB.id(), 7))
        .isInstanceOf(IOException.class)
        .hasMessage("term 7 is fenced off, the highest one is 8");
    assertThatThrownBy(() -> runtime.topology(new JobId("other")))
        .isInstanceOf(IOException.class)
        .hasMessage("this runtime has job demo, asked was 'other'");
  }

  @Test
  void aNodeThatIsAwaySaysNothingStopsStepsAndMovesAreGivenUp() throws IOException {
    SimulatedRuntime runtime =
        new SimulatedRuntime(
            exact()
                .withDisturbances(
                    Disturbance.lasting(DisturbanceKind.NODE_CRASH, EDGE, 3, 0, 1).lasting(100)));
    runtime.advanceTo(5);
    long steps = runtime.progress(JOB.id(), 0).steps();
    MoveResult result = move(runtime, "a", 1, 0, cuts(4, 4));
    assertThat(result.state()).isEqualTo(State.ABORTED);
    assertThat(result.detail()).isEqualTo("while HOLDING: not done in 60.0 s");
    assertThat(runtime.progress(JOB.id(), 0).steps()).isEqualTo(steps);
    List<SimulatedInterval> away = intervals(runtime, 100).subList(10, 100);
    assertThat(away)
        .allMatch(i -> i.reports().stream().noneMatch(r -> r.node().equals(DemoJob.EDGE)));
    assertThat(mean(away, UP, Metric.LINK_RATE)).isNaN();
    runtime.advanceTo(110);
    assertThat(runtime.progress(JOB.id(), 0).steps()).isGreaterThan(steps + 20);
    List<SimulatedInterval> back = intervals(runtime, 115).subList(108, 115);
    assertThat(back.get(0).reports().get(1).sequence()).isLessThan(5);
    assertThat(move(runtime, "b", 1, 0, cuts(4, 4)).state()).isEqualTo(State.COMMITTED);
  }

  @Test
  void theRealNodesFaultsStrike() {
    List<SimulatedInterval> slow =
        intervals(
            new SimulatedRuntime(
                exact()
                    .withFaults(
                        FaultSchedule.of(
                            new FaultSpec(FaultKind.NODE_SLOWDOWN, EDGE, 10, 0, 3, 1)))),
            40);
    assertThat(mean(slow.subList(0, 19), EDGE, Metric.SLOWDOWN)).isCloseTo(1, within(1e-9));
    assertThat(mean(slow.subList(22, 40), EDGE, Metric.SLOWDOWN)).isCloseTo(3, within(1e-9));
    List<SimulatedInterval> contended =
        intervals(
            new SimulatedRuntime(
                exact()
                    .withFaults(
                        FaultSchedule.of(new FaultSpec(FaultKind.CONTENTION, EDGE, 10, 10, 4, 1)))),
            60);
    assertThat(mean(contended.subList(0, 19), EDGE, Metric.SLOWDOWN)).isCloseTo(1, within(1e-9));
    assertThat(mean(contended.subList(29, 31), EDGE, Metric.SLOWDOWN)).isCloseTo(2, within(0.2));
    assertThat(mean(contended.subList(42, 60), EDGE, Metric.SLOWDOWN)).isCloseTo(4, within(1e-9));
    assertThat(mean(contended, ComponentId.of(DemoJob.CLOUD), Metric.SLOWDOWN))
        .isCloseTo(1, within(1e-9));
    FaultSpec drift =
        new FaultSpec(FaultKind.LABEL_DRIFT, ComponentId.of(DemoJob.DEVICE), 100, 20, 0.8, 1);
    List<SimulatedInterval> drifted =
        intervals(new SimulatedRuntime(exact().withFaults(FaultSchedule.of(drift))), 300);
    assertThat(mean(drifted.subList(160, 200), ComponentId.JOB, Metric.LOSS)).isLessThan(0.7);
    assertThat(mean(drifted.subList(240, 300), ComponentId.JOB, Metric.LOSS)).isBetween(1.8, 3.5);
  }

  /** What each disturbance is seen by, and by what factor at least. */
  @ParameterizedTest
  @EnumSource(DisturbanceKind.class)
  void everyDisturbanceIsSeenWhereItStrikes(DisturbanceKind kind) {
    ComponentId down = ComponentId.link(DemoJob.EDGE, DemoJob.DEVICE);
    ComponentId device = ComponentId.of(DemoJob.DEVICE);
    record Sign(
        ComponentId struck, double size, ComponentId component, Metric seen, double times) {}
    Sign sign =
        switch (kind) {
          case UPLINK_FADE -> new Sign(UP, 8, UP, Metric.LINK_RATE, 1 / 7.0);
          case DOWNLINK_FADE -> new Sign(down, 8, down, Metric.LINK_RATE, 1 / 7.0);
          case LATENCY_RISE -> new Sign(UP, 0.05, UP, Metric.LINK_DELAY_SECONDS, 20);
          case JITTER -> new Sign(UP, 0.05, UP, Metric.LINK_DELAY_SECONDS, 10);
          case PACKET_LOSS -> new Sign(UP, 0.1, UP, Metric.LINK_RATE, 0.5);
          case LINK_FLAP, HANDOVER_GAP ->
              new Sign(UP, 0.5, ComponentId.JOB, Metric.STEP_SECONDS, 1.1);
          case CPU_CONTENTION, PERIODIC_CPU_CONTENTION, DIURNAL_LOAD ->
              new Sign(EDGE, 4, EDGE, Metric.SLOWDOWN, 1.5);
          case STRAGGLER -> new Sign(device, 4, device, Metric.SLOWDOWN, 3.9);
          case MEMORY_LEAK -> new Sign(EDGE, 1e9, EDGE, Metric.NATIVE_BYTES, 2);
          case NODE_CRASH -> new Sign(EDGE, 1, EDGE, Metric.FORWARD_SECONDS, Double.NaN);
          case LABEL_DRIFT -> new Sign(device, 0.5, ComponentId.JOB, Metric.LOSS, 2);
          case FEATURE_DRIFT -> new Sign(device, 0.8, ComponentId.JOB, Metric.LOSS, 2);
          case EXPLODING_GRADIENTS -> new Sign(EDGE, 10, EDGE, Metric.ACTIVATION_VARIANCE, 3);
          case STALE_WEIGHTS -> new Sign(EDGE, 1_500, ComponentId.JOB, Metric.LOSS, 1.2);
          case CORRUPTED_ACTIVATIONS -> new Sign(EDGE, 0.3, ComponentId.JOB, Metric.LOSS, 2);
          case NOISE_BURST -> new Sign(EDGE, 20, EDGE, Metric.SLOWDOWN, 0);
          case BATCH_SIZE ->
              new Sign(ComponentId.JOB, 3, ComponentId.JOB, Metric.STEP_SECONDS, 2.5);
        };
    int onset = 120;
    boolean leak = kind == DisturbanceKind.MEMORY_LEAK;
    double period =
        switch (kind.course()) {
          case PART_OF_PERIOD, START_OF_PERIOD, SQUARE, WAVE -> 4;
          case RAMP -> 0;
        };
    Disturbance disturbance =
        Disturbance.recurring(kind, sign.struck(), onset, leak ? 60 : 0, period, sign.size());
    List<SimulatedInterval> seen =
        intervals(
            new SimulatedRuntime(
                Simulation.of(JOB, INITIAL, 3).withTraces(Map.of()).withDisturbances(disturbance)),
            2 * onset + 110);
    List<SimulatedInterval> before = seen.subList(2 * onset - 60, 2 * onset);
    List<SimulatedInterval> after =
        leak
            ? seen.subList(2 * onset + 80, 2 * onset + 110)
            : seen.subList(2 * onset + 4, 2 * onset + 64);
    double factor =
        mean(after, sign.component(), sign.seen()) / mean(before, sign.component(), sign.seen());
    if (kind == DisturbanceKind.NODE_CRASH) {
      assertThat(factor).isNaN();
    } else if (kind == DisturbanceKind.NOISE_BURST) {
      assertThat(spread(after)).isGreaterThan(5 * spread(before));
    } else if (sign.times() < 1) {
      assertThat(factor).isLessThan(sign.times());
    } else {
      assertThat(factor).isGreaterThan(sign.times());
    }
  }

  @Test
  void inputsChangeWithADriftOfFeaturesAndNotOfLabels() {
    ComponentId device = ComponentId.of(DemoJob.DEVICE);
    double[] changes = new double[3];
    DisturbanceKind[] kinds = {
      DisturbanceKind.LABEL_DRIFT, DisturbanceKind.FEATURE_DRIFT, DisturbanceKind.STALE_WEIGHTS
    };
    for (int i = 0; i < kinds.length; i++) {
      boolean stale = kinds[i] == DisturbanceKind.STALE_WEIGHTS;
      List<SimulatedInterval> seen =
          intervals(
              new SimulatedRuntime(
                  exact()
                      .withDisturbances(
                          Disturbance.lasting(kinds[i], device, 100, 0, stale ? 1_000 : 0.5),
                          Disturbance.lasting(
                              DisturbanceKind.CORRUPTED_ACTIVATIONS, EDGE, 100, 0, 0.4))),
              300);
      List<SimulatedInterval> before = seen.subList(100, 200);
      List<SimulatedInterval> after = seen.subList(202, 300);
      changes[i] = mean(after, device, Metric.INPUT_MEAN) - mean(before, device, Metric.INPUT_MEAN);
      double loss =
          mean(after, ComponentId.JOB, Metric.LOSS) / mean(before, ComponentId.JOB, Metric.LOSS);
      assertThat(loss).isGreaterThan(1.5);
    }
    assertThat(changes[0]).isCloseTo(0, within(0.05));
    assertThat(changes[1]).isCloseTo(0.5, within(0.05));
    assertThat(changes[2]).isCloseTo(0, within(0.05));
  }

  private static double spread(List<SimulatedInterval> of) {
    double mean = mean(of, EDGE, Metric.SLOWDOWN);
    return Math.sqrt(
        of.stream()
            .mapToDouble(
                interval -> Math.pow(mean(List.of(interval), EDGE, Metric.SLOWDOWN) - mean, 2))
            .average()
            .orElseThrow());
  }
}
