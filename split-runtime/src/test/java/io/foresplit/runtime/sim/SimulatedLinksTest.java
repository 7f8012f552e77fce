package io.foresplit.runtime.sim;

import static io.foresplit.runtime.sim.ExactDemo.EDGE;
import static io.foresplit.runtime.sim.ExactDemo.INITIAL;
import static io.foresplit.runtime.sim.ExactDemo.JOB;
import static io.foresplit.runtime.sim.ExactDemo.PREDICTED;
import static io.foresplit.runtime.sim.ExactDemo.UP;
import static io.foresplit.runtime.sim.ExactDemo.exact;
import static io.foresplit.runtime.sim.ExactDemo.intervals;
import static io.foresplit.runtime.sim.ExactDemo.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.Metric;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.LinkDisturbance;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.compress.SparseTensor;
import io.foresplit.runtime.fault.DemoJob;
import io.foresplit.runtime.link.DisturbedTrace;
import io.foresplit.runtime.link.GeneratedLink;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.link.RateTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Traces and compression of links in virtual time. */
class SimulatedLinksTest {
  @Test
  void aCompressedLinkCarriesLessUpAndDown() throws IOException {
    Compression compression = new Compression(0.1, 8);
    SimulatedRuntime runtime =
        new SimulatedRuntime(exact().withCompression(Map.of(UP, compression)));
    List<SimulatedInterval> intervals = intervals(runtime, 20);

    long plain = JOB.layers().get(0).outputBytes();
    double up = SparseTensor.expectedSize((int) plain / 4, compression, true);
    double down = SparseTensor.expectedSize((int) plain / 4, compression, false);
    double saved = (plain - up) / (50 * 125_000) + (plain - down) / (100 * 125_000);
    assertThat(up).isLessThan(plain / 10.0).isGreaterThan(down);
    List<TrainingProgress.Step> steps = runtime.progress(JOB.id(), 0).log();
    assertThat(steps.stream().mapToDouble(TrainingProgress.Step::seconds).average().orElseThrow())
        .isCloseTo(PREDICTED - saved, within(0.01 * PREDICTED));
    double carried = mean(intervals, UP, Metric.TRANSFER_BYTES) * intervals.size();
    assertThat(carried).isBetween(steps.size() * up, steps.size() * (up + 1_000) + 20 * 17_000);
  }

  @Test
  void compressionIsChangedBetweenStepsUnderTheSameFences() throws IOException {
    Compression compression = new Compression(0.1, 8);
    SimulatedRuntime runtime = new SimulatedRuntime(Simulation.of(JOB, INITIAL, 1));
    runtime.advanceTo(5);
    MoveResult on = compress(runtime, "on", 2, 0, Optional.of(compression));

    assertThat(on.state()).isEqualTo(State.COMMITTED);
    assertThat(on.epoch()).isZero();
    assertThat(on.detail()).matches("from step \\d+: \\{device->edge=keep 0.1, 8 bits}");
    assertThat(runtime.compressions(JOB.id()).links()).isEqualTo(Map.of(UP, compression));
    assertThat(compress(runtime, "on", 2, 0, Optional.of(compression))).isEqualTo(on);
    assertThat(compress(runtime, "same", 2, 0, Optional.of(compression)).detail())
        .isEqualTo("link device->edge has this compression already");
    assertThat(compress(runtime, "low", 1, 0, Optional.empty()).detail())
        .isEqualTo("term 1 is below the highest one, 2");
    assertThat(compress(runtime, "late", 2, 1, Optional.empty()).detail())
        .isEqualTo("epoch 1 is not the one in force, 0");
    assertThatThrownBy(
            () ->
                runtime.setCompression(
                    JOB.id(),
                    new ActionId("far"),
                    2,
                    0,
                    DemoJob.DEVICE,
                    DemoJob.CLOUD,
                    Optional.of(compression)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("compression is of a link between neighbours of the chain");

    runtime.advanceTo(10);
    List<TrainingProgress.Step> steps = runtime.progress(JOB.id(), 0).log();
    int first = Integer.parseInt(on.detail().replaceAll("from step (\\d+):.*", "$1"));
    assertThat(steps.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(0, steps.size()).boxed().toList());
    assertThat(seconds(steps.subList(first, steps.size())))
        .isLessThan(seconds(steps.subList(0, first)) - 0.025);
  }

  @Test
  void aChangeOfCompressionWhileANodeIsAwayIsGivenUp() throws IOException {
    Disturbance crash = Disturbance.lasting(DisturbanceKind.NODE_CRASH, EDGE, 5, 0, 1).lasting(90);
    SimulatedRuntime runtime =
        new SimulatedRuntime(Simulation.of(JOB, INITIAL, 1).withDisturbances(crash));
    runtime.advanceTo(6);

    MoveResult result = compress(runtime, "on", 1, 0, Optional.of(new Compression(0.1, 8)));

    assertThat(result.state()).isEqualTo(State.ABORTED);
    assertThat(result.detail()).isEqualTo("while holding: not done in 60.0 s");
    assertThat(runtime.compressions(JOB.id()).links()).isEmpty();
  }

  @Test
  void linksFollowDelayJitterAndLossOfTheirTraces() {
    RateTrace slow =
        new GeneratedLink(new GeneratedTrace(1, 6.25e6, 0, 0, 40), 0.03, new LinkDisturbance(0, 0));
    RateTrace lossy = new DisturbedTrace(slow, new LinkDisturbance(0.004, 0.02));
    List<SimulatedInterval> declared = intervals(new SimulatedRuntime(exact()), 40);
    List<SimulatedInterval> later = intervals(following(slow), 40);
    List<SimulatedInterval> lost = intervals(following(lossy), 40);

    assertThat(mean(declared, UP, Metric.LINK_DELAY_SECONDS)).isCloseTo(0.002, within(1e-9));
    assertThat(mean(later, UP, Metric.LINK_DELAY_SECONDS)).isBetween(0.025, 0.035);
    assertThat(mean(lost, UP, Metric.LINK_DELAY_SECONDS)).isGreaterThan(0.035);
    assertThat(mean(declared, UP, Metric.LINK_RATE)).isCloseTo(6.25e6, within(1e3));
    assertThat(mean(later, UP, Metric.LINK_RATE)).isCloseTo(6.25e6, within(1e3));
    assertThat(mean(lost, UP, Metric.LINK_RATE)).isBetween(5.9e6, 6.2e6);
    double step = mean(declared, ComponentId.JOB, Metric.STEP_SECONDS);
    assertThat(mean(later, ComponentId.JOB, Metric.STEP_SECONDS))
        .isBetween(step + 0.022, step + 0.034);
    assertThat(mean(lost, ComponentId.JOB, Metric.STEP_SECONDS)).isGreaterThan(step + 0.05);
    assertThat(intervals(following(lossy), 40)).isEqualTo(lost);
  }

  private static SimulatedRuntime following(RateTrace trace) {
    return new SimulatedRuntime(exact().withTraces(Map.of(UP, trace)));
  }

  @Test
  void aJobFileIsSimulatedWithItsLinks() throws Exception {
    String yaml =
        """
        id: filed
        model: lenet
        optimiser: { name: sgd-momentum, learningRate: 0.02 }
        batchSize: 32
        interval: 500 ms
        nodes:
          - { id: device, speed: 0.5 }
          - { id: edge, speed: 2 }
        links:
          - { between: [device, edge], rate: 20 Mbit/s, delay: 15 ms, jitter: 2 ms, loss: 1 %,
              upTrace: fading, compression: { keep: 0.2, bits: 6 } }
        dataOwner: device
        labelHolders: [edge]
        minOwnerLayers: 1
        cuts: [2]
        """;
    JobFile file = JobFile.parse(yaml, "job.yaml", (model, batch) -> JOB.layers());
    Simulation simulation = Simulation.of(file, Path.of(""), file.placement().orElseThrow(), 1);

    ComponentId back = ComponentId.link(DemoJob.EDGE, DemoJob.DEVICE);
    assertThat(simulation.compression()).isEqualTo(Map.of(UP, new Compression(0.2, 6)));
    assertThat(simulation.traces()).containsOnlyKeys(UP, back);
    assertThat(simulation.traces().get(UP)).isInstanceOf(GeneratedLink.class);
    assertThat(simulation.traces().get(back).loss(3)).isEqualTo(0.01);
    List<SimulatedInterval> intervals = intervals(new SimulatedRuntime(simulation), 20);
    assertThat(mean(intervals, ComponentId.JOB, Metric.STEPS_PER_SECOND)).isPositive();
  }

  private static double seconds(List<TrainingProgress.Step> steps) {
    return steps.stream().mapToDouble(TrainingProgress.Step::seconds).average().orElseThrow();
  }

  private static MoveResult compress(
      SimulatedRuntime runtime,
      String action,
      long term,
      long epoch,
      Optional<Compression> compression)
      throws IOException {
    return runtime.setCompression(
        JOB.id(), new ActionId(action), term, epoch, DemoJob.EDGE, DemoJob.DEVICE, compression);
  }
}
