package io.foresplit.bench.measure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All measures of one strategy over some runs. Immutable.
 *
 * @param summaries by measure; those that do not apply, or had nothing to count, are not there
 */
public record Scores(Map<Measure, Summary> summaries) {
  public Scores {
    summaries = Collections.unmodifiableMap(new TreeMap<>(summaries));
  }

  /** Null where the measure does not apply, or had nothing to count. */
  public @Nullable Summary of(Measure measure) {
    return summaries.get(measure);
  }

  /** Median over seeds, empty where the measure does not apply, or had nothing to count. */
  public OptionalDouble median(Measure measure) {
    Summary summary = summaries.get(measure);
    return summary == null ? OptionalDouble.empty() : OptionalDouble.of(summary.median());
  }

  /** Scores of each strategy, over the runs given in a settled order. */
  public static SortedMap<String, Scores> byStrategy(Collection<Judged> runs) {
    SortedMap<String, Scores> scores = new TreeMap<>();
    grouped(runs, Run::strategy).forEach((name, its) -> scores.put(name, of(name, its)));
    return scores;
  }

  /** Scores of each strategy, for each value of a trait of runs, such as their topology. */
  public static SortedMap<String, SortedMap<String, Scores>> by(
      Function<Run, String> trait, Collection<Judged> runs) {
    SortedMap<String, SortedMap<String, Scores>> scores = new TreeMap<>();
    grouped(runs, trait).forEach((value, its) -> scores.put(value, byStrategy(its)));
    return scores;
  }

  private static Scores of(String strategy, List<Judged> runs) {
    SortedMap<Long, List<Judged>> bySeed = grouped(runs, Run::seed);
    Map<Measure, Summary> summaries = new EnumMap<>(Measure.class);
    for (Measure measure : Measure.values()) {
      if (!measure.appliesTo(strategy)) {
        continue;
      }
      List<Double> values = new ArrayList<>();
      for (List<Judged> its : bySeed.values()) {
        pooled(measure, its).ifPresent(values::add);
      }
      if (!values.isEmpty()) {
        summaries.put(measure, Summary.of(values, measure.better()));
      }
    }
    return new Scores(summaries);
  }

  /** The measure over runs of one seed. */
  static OptionalDouble pooled(Measure measure, List<Judged> runs) {
    return runs.stream().map(measure::of).reduce(Ratio.NOTHING, Ratio::plus).value();
  }

  private static <K extends Comparable<K>> SortedMap<K, List<Judged>> grouped(
      Collection<Judged> runs, Function<Run, K> key) {
    SortedMap<K, List<Judged>> groups = new TreeMap<>();
    for (Judged judged : runs) {
      groups.computeIfAbsent(key.apply(judged.run()), k -> new ArrayList<>()).add(judged);
    }
    return groups;
  }
}
