package io.foresplit.bench.scenario;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.jobfile.Quantity;
import io.foresplit.contract.jobfile.Section;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.Shape;
import io.foresplit.runtime.sim.Simulation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Reads what happens to one job of a scenario file. Not thread-safe. */
final class DisturbanceReader {
  private final Optional<JobSpec> job;
  private final double durationSeconds;
  private final List<Fault> faults = new ArrayList<>();
  private final List<Disturbance> normal = new ArrayList<>();

  private record Fault(Disturbance disturbance, Optional<StatedTruth> truth) {
    double onset() {
      return disturbance.onsetSeconds();
    }
  }

  /**
   * @param job empty when it could not be read
   */
  DisturbanceReader(Optional<JobSpec> job, double durationSeconds) {
    this.job = job;
    this.durationSeconds = durationSeconds;
  }

  /** In order of onset. */
  List<Disturbance> faults() {
    return faults.stream().map(Fault::disturbance).toList();
  }

  /** What is stated of each fault, in order of onset. */
  List<Optional<StatedTruth>> truths() {
    return faults.stream().map(Fault::truth).toList();
  }

  List<Disturbance> normal() {
    return List.copyOf(normal);
  }

  /** In what the size of a kind is written. */
  static Quantity quantity(DisturbanceKind kind) {
    return switch (kind) {
      case LATENCY_RISE, JITTER, HANDOVER_GAP -> Quantity.SECONDS;
      case PACKET_LOSS, LINK_FLAP, NODE_CRASH, LABEL_DRIFT, FEATURE_DRIFT, CORRUPTED_ACTIVATIONS ->
          Quantity.SHARE;
      case MEMORY_LEAK -> Quantity.SIZE;
      case UPLINK_FADE,
          DOWNLINK_FADE,
          CPU_CONTENTION,
          PERIODIC_CPU_CONTENTION,
          STRAGGLER,
          EXPLODING_GRADIENTS,
          STALE_WEIGHTS,
          DIURNAL_LOAD,
          NOISE_BURST,
          BATCH_SIZE ->
          Quantity.NUMBER;
    };
  }

  void fault(Section section) {
    Optional<Disturbance> disturbance = disturbance(section);
    List<StatedTruth> stated = new ArrayList<>();
    if (section.has("truth")) {
      section.section("truth", s -> truth(s, stated));
    }
    if (disturbance.isPresent() && ScenarioKind.isNormal(disturbance.get().kind())) {
      section.problem(
          "kind",
          "a fault",
          "'" + disturbance.get().kind().label() + "', which belongs under normal");
      return;
    }
    disturbance.ifPresent(d -> faults.add(new Fault(d, stated.stream().findFirst())));
    faults.sort(Comparator.comparingDouble(Fault::onset));
  }

  void normal(Section section) {
    disturbance(section).ifPresent(normal::add);
  }

  private Optional<Disturbance> disturbance(Section section) {
    DisturbanceKind kind = section.constant("kind", DisturbanceKind.class);
    String target = section.text("target");
    double onset = section.quantity("onset", Quantity.TIME);
    double ramp = section.has("ramp") ? section.quantity("ramp", Quantity.TIME) : 0;
    double period = section.has("period") ? section.quantity("period", Quantity.TIME) : 0;
    Shape shape = section.has("shape") ? section.constant("shape", Shape.class) : Shape.LINEAR;
    double lasts =
        section.has("lasts") ? section.quantity("lasts", Quantity.TIME) : Double.POSITIVE_INFINITY;
    double size =
        kind == DisturbanceKind.NODE_CRASH && !section.has("size")
            ? 1
            : section.quantity("size", quantity(kind));
    if (onset >= durationSeconds) {
      section.problem("onset", "a time before the end of the scenario", onset + " s");
    }
    List<Disturbance> made = new ArrayList<>();
    section.attempt(
        () -> {
          Disturbance disturbance =
              new Disturbance(
                  kind, new ComponentId(target), onset, ramp, lasts, period, size, shape);
          job.ifPresent(spec -> requireSimulated(spec, disturbance));
          made.add(disturbance);
        });
    return made.stream().findFirst();
  }

  private static void requireSimulated(JobSpec job, Disturbance disturbance) {
    Simulation.of(job, new CutPlanner().best(job, job.declaredConditions()), 0)
        .withDisturbances(disturbance);
  }

  private static void truth(Section section, List<StatedTruth> into) {
    Optional<String> component = text(section, "component");
    Optional<String> cause = text(section, "cause");
    OptionalDouble onset = time(section, "onset");
    OptionalDouble breach = time(section, "breach");
    List<String> path = section.has("path") ? section.texts("path") : List.of();
    if (cause.isPresent() && !isCause(cause.get())) {
      section.problem(
          "cause",
          "one of "
              + Arrays.stream(Cause.values()).map(Cause::label).collect(Collectors.joining(", "))
              + ", "
              + StatedTruth.NO_CAUSE,
          "'" + cause.get() + "'");
    }
    section.attempt(
        () ->
            into.add(
                new StatedTruth(
                    component.map(ComponentId::new),
                    cause,
                    onset,
                    breach,
                    path.stream().map(ComponentId::new).toList())));
  }

  private static boolean isCause(String label) {
    return label.equals(StatedTruth.NO_CAUSE)
        || Arrays.stream(Cause.values()).anyMatch(cause -> cause.label().equals(label));
  }

  private static Optional<String> text(Section section, String key) {
    return section.has(key) ? Optional.of(section.text(key)) : Optional.empty();
  }

  private static OptionalDouble time(Section section, String key) {
    return section.has(key)
        ? OptionalDouble.of(section.quantity(key, Quantity.TIME))
        : OptionalDouble.empty();
  }
}
