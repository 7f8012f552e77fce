package io.foresplit.bench.scenario;

import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.sim.Disturbance;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** In what scenarios for tuning and for scoring differ, beyond their topology. Pure. */
public final class Traits {
  private Traits() {}

  /** By use, then by trait ({@code models}, {@code ramps}, {@code noise}): what occurs. */
  public static SortedMap<String, SortedMap<String, List<String>>> of(List<Scenario> scenarios) {
    SortedMap<String, SortedMap<String, Set<String>>> found = new TreeMap<>();
    for (Scenario scenario : scenarios) {
      SortedMap<String, Set<String>> traits =
          found.computeIfAbsent(
              scenario.use().name().toLowerCase(Locale.ROOT), use -> new TreeMap<>());
      for (Scenario.Job job : scenario.jobs()) {
        add(traits, "models", model(job.spec()));
        add(traits, "noise", noise(job));
        for (Disturbance fault : job.faults()) {
          if (fault.rampSeconds() > 0) {
            add(traits, "ramps", fault.shape().label());
          }
        }
      }
    }
    SortedMap<String, SortedMap<String, List<String>>> result = new TreeMap<>();
    found.forEach(
        (use, traits) -> {
          SortedMap<String, List<String>> lists = new TreeMap<>();
          traits.forEach((trait, values) -> lists.put(trait, new ArrayList<>(values)));
          result.put(use, lists);
        });
    return result;
  }

  private static void add(SortedMap<String, Set<String>> traits, String trait, String value) {
    traits.computeIfAbsent(trait, key -> new TreeSet<>()).add(value);
  }

  private static String model(JobSpec job) {
    return job.model() + ", " + job.layers().size() + " layers";
  }

  private static String noise(Scenario.Job job) {
    String links =
        job.traces().values().stream()
            .filter(GeneratedTrace.class::isInstance)
            .map(GeneratedTrace.class::cast)
            .findFirst()
            .map(
                trace ->
                    String.format(
                        Locale.ROOT,
                        "links %.0f %% and a wave of %.0f %% over %.0f s",
                        100 * trace.noise(),
                        100 * trace.wave(),
                        trace.wavePeriodSeconds()))
            .orElse("links by traces");
    return String.format(
        Locale.ROOT, "%s, compute %.1f %%", links, 100 * job.machine().computeNoise());
  }
}
