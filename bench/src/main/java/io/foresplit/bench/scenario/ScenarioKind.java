package io.foresplit.bench.scenario;

import io.foresplit.bench.scenario.Scenario.Course;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a scenario counts as in tables, by what happens in it. */
final class ScenarioKind {
  static final String TWO_FAULTS = "two-faults";
  static final String NORMAL = "normal:";
  static final String CALM = NORMAL + "calm";
  static final String MIXED = NORMAL + "mixed";
  static final String PLANNED_MOVE = NORMAL + "planned-move";

  private ScenarioKind() {}

  /** Whether a kind is never a fault. */
  static boolean isNormal(DisturbanceKind kind) {
    return kind == DisturbanceKind.DIURNAL_LOAD
        || kind == DisturbanceKind.NOISE_BURST
        || kind == DisturbanceKind.BATCH_SIZE;
  }

  /** What strikes two jobs at the same place and time is one fault. */
  static String of(List<Scenario.Job> jobs) {
    List<Disturbance> faults =
        jobs.stream().flatMap(job -> job.faults().stream()).distinct().toList();
    if (!faults.isEmpty()) {
      return faults.size() == 1 ? faults.get(0).kind().label() : TWO_FAULTS;
    }
    Set<String> hard = new TreeSet<>();
    for (Scenario.Job job : jobs) {
      job.normal().forEach(one -> hard.add(NORMAL + one.kind().label()));
      if (!job.plannedMoves().isEmpty()) {
        hard.add(PLANNED_MOVE);
      }
    }
    return hard.size() > 1 ? MIXED : hard.stream().findFirst().orElse(CALM);
  }

  static Course courseOf(List<Scenario.Job> jobs) {
    List<Disturbance> faults = jobs.stream().flatMap(job -> job.faults().stream()).toList();
    if (faults.isEmpty()) {
      return Course.NONE;
    }
    return faults.stream().anyMatch(fault -> fault.rampSeconds() > 0)
        ? Course.GRADUAL
        : Course.SUDDEN;
  }
}
