package io.foresplit.runtime.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.fault.DemoJob;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.plan.Alternatives;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The world is the same whatever is asked of it and whatever is done in it. */
class SimulatedWorldPropertyTest {
  private static final JobSpec JOB = DemoJob.JOB;
  private static final List<Placement> PLACEMENTS = Alternatives.allowed(JOB);
  private static final int INTERVALS = 40;

  private static Simulation simulation(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ComponentId up = ComponentId.link(DemoJob.DEVICE, DemoJob.EDGE);
    return Simulation.of(JOB, PLACEMENTS.get(random.nextInt(PLACEMENTS.size())), seed)
        .withDisturbances(
            Disturbance.lasting(DisturbanceKind.JITTER, up, 3, 2, 0.004),
            Disturbance.lasting(
                DisturbanceKind.CPU_CONTENTION,
                ComponentId.of(DemoJob.EDGE),
                random.nextDouble(20),
                5,
                1 + random.nextDouble(4)),
            Disturbance.lasting(
                DisturbanceKind.LABEL_DRIFT, ComponentId.of(DemoJob.DEVICE), 8, 4, 0.5));
  }

  private static List<SimulatedInterval> run(SimulatedRuntime runtime) {
    List<SimulatedInterval> intervals = new ArrayList<>();
    while (intervals.size() < INTERVALS) {
      intervals.add(runtime.nextInterval());
    }
    return intervals;
  }

  /** Moves now and then, as the seed says. */
  private static List<SimulatedInterval> act(Simulation simulation, long strategy)
      throws IOException {
    return act(new SimulatedRuntime(simulation), strategy);
  }

  private static List<SimulatedInterval> act(SimulatedRuntime runtime, long strategy)
      throws IOException {
    SplittableRandom random = new SplittableRandom(strategy);
    List<SimulatedInterval> intervals = new ArrayList<>();
    while (intervals.size() < INTERVALS) {
      intervals.add(runtime.nextInterval());
      if (random.nextInt(6) == 0) {
        runtime.move(
            JOB.id(),
            new ActionId("a" + intervals.size()),
            1,
            runtime.topology(JOB.id()).epoch(),
            PLACEMENTS.get(random.nextInt(PLACEMENTS.size())));
      }
    }
    return intervals;
  }

  @Property(tries = 40, seed = "31")
  void theSameSimulationSaysTheSame(@ForAll long seed, @ForAll long strategy) throws IOException {
    assertThat(act(simulation(seed), strategy)).isEqualTo(act(simulation(seed), strategy));
  }

  @Property(tries = 40, seed = "32")
  void itMakesNoDifferenceHowTimeIsLetPassAndWhatIsAsked(
      @ForAll long seed, @ForAll @Size(max = 30) List<@DoubleRange(max = 25) Double> moments)
      throws IOException {
    SimulatedRuntime asked = new SimulatedRuntime(simulation(seed));
    for (double moment : moments) {
      asked.advanceTo(moment);
      assertThat(asked.trueConditions().links()).hasSize(4);
      asked.progress(JOB.id(), 0);
    }
    assertThat(run(asked)).isEqualTo(run(new SimulatedRuntime(simulation(seed))));
  }

  @Property(tries = 40, seed = "33")
  void twoStrategiesMeetTheSameWorld(@ForAll long seed, @ForAll long strategy, @ForAll long other)
      throws IOException {
    Map<List<Object>, Double> one = conditions(act(simulation(seed), strategy));
    Map<List<Object>, Double> two = conditions(act(simulation(seed), other));
    one.keySet().retainAll(two.keySet());
    assertThat(one).isNotEmpty();
    one.forEach((key, value) -> assertThat(two).containsEntry(key, value));
  }

  /** What does not depend on the placement. */
  private static Map<List<Object>, Double> conditions(List<SimulatedInterval> intervals) {
    Map<List<Object>, Double> conditions = new HashMap<>();
    for (SimulatedInterval interval : intervals) {
      for (SegmentReport report : interval.reports()) {
        report.samples().stream()
            .filter(s -> s.metric() == Metric.HEAP_BYTES || s.metric() == Metric.NATIVE_BYTES)
            .forEach(s -> conditions.put(List.of(interval.number(), s.series()), s.value()));
      }
    }
    return conditions;
  }

  @Property(tries = 60, seed = "34")
  void noiseDoesNotDependOnTheOrderOfQuestions(
      @ForAll long seed,
      @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 100_000) Integer> at) {
    World inOrder = new World(simulation(seed));
    World shuffled = new World(simulation(seed));
    List<Integer> order = new ArrayList<>(at);
    Collections.shuffle(order, new Random(seed));
    World.Node node = shuffled.new Node(JOB.nodes().get(1));
    World.Link link = shuffled.new Link(JOB.links().get(0));
    Map<Integer, List<Double>> answers = new HashMap<>();
    for (int millis : order) {
      answers.put(millis, answers(node, link, millis / 1e3));
    }
    World.Node sameNode = inOrder.new Node(JOB.nodes().get(1));
    World.Link sameLink = inOrder.new Link(JOB.links().get(0));
    for (int millis : at) {
      assertThat(answers(sameNode, sameLink, millis / 1e3)).isEqualTo(answers.get(millis));
    }
  }

  private static List<Double> answers(World.Node node, World.Link link, double t) {
    return List.of(
        node.computeFactor(t),
        node.heapBytes(t),
        node.nativeBytes(t),
        link.bytesPerSecond(t),
        link.delaySeconds(t),
        link.codingSeconds(1_000, t));
  }

  @Property(tries = 100, seed = "35")
  void aTraceThatRemembersIsTheSameTrace(
      @ForAll long seed,
      @ForAll @Size(min = 1, max = 40) List<@DoubleRange(min = -50, max = 1e5) Double> moments) {
    GeneratedTrace trace = new GeneratedTrace(seed, 1e6);
    RateTrace remembering = trace.remembering();
    for (double moment : moments) {
      assertThat(remembering.bytesPerSecond(moment)).isEqualTo(trace.bytesPerSecond(moment));
    }
  }

  @Property(tries = 20, seed = "36")
  void noStepIsLostOrDoneTwice(@ForAll long seed, @ForAll long strategy) throws IOException {
    SimulatedRuntime runtime = new SimulatedRuntime(simulation(seed));
    List<SimulatedInterval> intervals = act(runtime, strategy);
    List<Long> steps =
        runtime.progress(JOB.id(), 0).log().stream().map(TrainingProgress.Step::number).toList();
    assertThat(steps).isEqualTo(LongStream.range(0, steps.size()).boxed().toList());
    Map<NodeId, Long> reported = new HashMap<>();
    for (SimulatedInterval interval : intervals) {
      for (SegmentReport report : interval.reports()) {
        Long before = reported.put(report.node(), report.steps());
        assertThat(report.steps()).isBetween(before == null ? 0 : before, (long) steps.size() + 1);
      }
    }
  }
}
