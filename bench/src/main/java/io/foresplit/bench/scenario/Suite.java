package io.foresplit.bench.scenario;

import io.foresplit.bench.scenario.Scenario.Course;
import io.foresplit.bench.scenario.ScenarioDraw.Planned;
import io.foresplit.runtime.sim.DisturbanceKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Scenarios that are drawn together. A pass has every kind of fault, two at once, and at least a
 * quarter without a fault, spread over all topologies. A pass is a function of its seed alone, and
 * each of its worlds is concrete, so all strategies meet the same one.
 */
public enum Suite {
  /** Every kind once, in runs of 20 to 30 minutes. */
  QUICK("quick", 2, 20, 30, 180),
  /** Every kind gradual and sudden, where it can be, in runs of 40 to 60 minutes. */
  STANDARD("standard", 5, 40, 60, 480),
  /** As standard, with more seeds and runs of 90 to 120 minutes. */
  FULL("full", 20, 90, 120, 900),
  /** As standard, on jobs that are drawn too: for training, never for scoring. */
  TRAINING("training", 4, 40, 60, 480);

  private static final int SALT = 7919;
  private static final int REDRAWS = 8;

  /** Further topologies of each kind that are drawn for training where a fault hurts on none. */
  private static final int MORE_DRAWS = 16;

  private static final List<String> NORMAL =
      List.of(
          NormalDraw.labelled(DisturbanceKind.DIURNAL_LOAD),
          NormalDraw.labelled(DisturbanceKind.NOISE_BURST),
          NormalDraw.labelled(DisturbanceKind.BATCH_SIZE),
          ScenarioKind.PLANNED_MOVE,
          ScenarioKind.MIXED);

  private final String label;
  private final int seeds;
  private final double leastMinutes;
  private final double mostMinutes;
  private final double longestRampSeconds;

  Suite(
      String label, int seeds, double leastMinutes, double mostMinutes, double longestRampSeconds) {
    this.label = label;
    this.seeds = seeds;
    this.leastMinutes = leastMinutes;
    this.mostMinutes = mostMinutes;
    this.longestRampSeconds = longestRampSeconds;
  }

  /** Name for people, files and command lines. */
  public String label() {
    return label;
  }

  /** How many seeds are enough for its figures, unless said otherwise. */
  public int defaultSeeds() {
    return seeds;
  }

  /** The suite with a label. */
  public static Suite ofLabel(String label) {
    return Arrays.stream(values())
        .filter(suite -> suite.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "suite must be one of "
                        + Arrays.stream(values())
                            .map(Suite::label)
                            .collect(Collectors.joining(", "))
                        + ", was '"
                        + label
                        + "'"));
  }

  /** One pass, in a fixed order of kinds. */
  public List<Scenario> scenarios(long seed) {
    SplittableRandom random = new SplittableRandom(seed * SALT + label.hashCode());
    Pass pass =
        new Pass(seed, random, this == TRAINING ? TopologyDraw.all(random) : Topology.all());
    for (DisturbanceKind kind : DisturbanceKind.values()) {
      if (!ScenarioKind.isNormal(kind)) {
        for (Course course : courses(kind, random)) {
          pass.add(kind.label(), course, draw -> draw.fault(kind, course));
        }
      }
    }
    for (int i = 0; i < (this == QUICK ? 2 : 5); i++) {
      Course course = i % 2 == 0 ? Course.GRADUAL : Course.SUDDEN;
      pass.add(ScenarioKind.TWO_FAULTS, course, draw -> draw.twoFaults(course));
    }
    int faults = pass.drawn.size();
    for (int i = 0; 4 * i < faults + i + 2; i++) {
      String kind = NORMAL.get(i % NORMAL.size());
      pass.add(kind, Course.NONE, draw -> Optional.of(draw.normal(kind)));
    }
    return List.copyOf(pass.drawn);
  }

  /** Quick has one course of a kind, but contention as a step and as a ramp. */
  private List<Course> courses(DisturbanceKind kind, SplittableRandom random) {
    boolean both = FaultDraw.canBeGradual(kind) && FaultDraw.canBeSudden(kind);
    if (both && (this != QUICK || kind == DisturbanceKind.CPU_CONTENTION)) {
      return List.of(Course.GRADUAL, Course.SUDDEN);
    }
    boolean gradual = both ? random.nextInt(3) > 0 : FaultDraw.canBeGradual(kind);
    return List.of(gradual ? Course.GRADUAL : Course.SUDDEN);
  }

  /** One pass as it is drawn. */
  private final class Pass {
    private final long seed;
    private final SplittableRandom random;
    private final List<Topology> topologies;
    private final List<Scenario> drawn = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private final List<Topology> turn = new ArrayList<>();

    Pass(long seed, SplittableRandom random, List<Topology> topologies) {
      this.seed = seed;
      this.random = random;
      this.topologies = topologies;
    }

    /**
     * On the topology whose turn it is, or on the first after it where that can be; if it can be on
     * none of those drawn for training, on others drawn for it.
     */
    void add(String kind, Course course, Function<ScenarioDraw, Optional<List<Planned>>> draw) {
      if (turn.size() < topologies.size()) {
        turn.addAll(shuffled());
      }
      for (int i = 0; i < turn.size(); i++) {
        Optional<Scenario> scenario = tried(turn.get(i), kind, course, draw);
        if (scenario.isPresent()) {
          turn.remove(i);
          drawn.add(scenario.get());
          return;
        }
      }
      drawn.add(
          IntStream.range(0, Suite.this == TRAINING ? MORE_DRAWS : 0)
              .boxed()
              .flatMap(i -> TopologyDraw.all(random).stream())
              .flatMap(topology -> tried(topology, kind, course, draw).stream())
              .findFirst()
              .orElseThrow(
                  () -> new IllegalStateException("on no topology does a " + kind + " hurt")));
    }

    private Optional<Scenario> tried(
        Topology topology,
        String kind,
        Course course,
        Function<ScenarioDraw, Optional<List<Planned>>> draw) {
      for (int i = 0; i < REDRAWS; i++) {
        SplittableRandom own = random.split();
        double seconds = Rounded.seconds(60 * own.nextDouble(leastMinutes, mostMinutes));
        ScenarioDraw scenario = new ScenarioDraw(topology, own, seconds, longestRampSeconds);
        Optional<List<Planned>> planned = draw.apply(scenario);
        if (planned.isPresent()) {
          return Optional.of(
              scenario.named(id(topology, kind, course), kind, course, seed, planned.get()));
        }
      }
      return Optional.empty();
    }

    private String id(Topology topology, String kind, Course course) {
      String name = topology.name() + "/" + kind.replace(':', '-');
      String stem =
          course == Course.NONE ? name : name + "/" + course.name().toLowerCase(Locale.ROOT);
      String id = stem;
      for (int i = 2; !ids.add(id); i++) {
        id = stem + "/" + i;
      }
      return id;
    }

    private List<Topology> shuffled() {
      List<Topology> rest = new ArrayList<>(topologies);
      List<Topology> order = new ArrayList<>();
      while (!rest.isEmpty()) {
        order.add(rest.remove(random.nextInt(rest.size())));
      }
      return order;
    }
  }
}
