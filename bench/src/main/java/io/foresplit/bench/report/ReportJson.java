package io.foresplit.bench.report;

import io.foresplit.bench.measure.Judged;
import io.foresplit.bench.measure.Measure;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Scores;
import io.foresplit.bench.measure.Summary;
import io.foresplit.bench.measure.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code report.json} says, as maps with sorted keys. Pure. */
final class ReportJson {
  private static final double SECONDS_PER_HOUR = 3600;

  private ReportJson() {}

  static SortedMap<String, Object> of(EvaluationReport.About about, Evaluation evaluation) {
    List<Judged> scoring = evaluation.of(Evaluation.SCORING);
    List<Judged> tuning = evaluation.of(Evaluation.TUNING);
    SortedMap<String, Object> report = new TreeMap<>();
    report.put("version", about.version());
    report.put("suite", about.suite());
    report.put("runtime", about.runtime());
    report.put(
        "machine",
        new TreeMap<>(
            Map.of(
                "os", about.machine().os(),
                "arch", about.machine().arch(),
                "java", about.machine().java())));
    SortedSet<Long> seeds = distinct(evaluation.runs(), Run::seed);
    report.put("seeds", seeds.size());
    report.put("seedNumbers", seeds);
    report.put("scenarios", distinct(evaluation.runs(), ReportJson::world).size());
    report.put("scenarioHours", scenarioHours(evaluation.runs()));
    report.put("runs", evaluation.runs().size());
    report.put(
        "faults",
        new TreeMap<>(
            Map.of(
                Evaluation.SCORING, faults(scoring),
                Evaluation.TUNING, faults(tuning))));
    report.put("notes", notes(evaluation, scoring, seeds.size()));
    report.put("strategies", strategies(Scores.byStrategy(scoring)));
    report.put("byKind", groups(Scores.by(Run::kind, scoring)));
    report.put("byCourse", groups(Scores.by(Run::course, scoring)));
    report.put("byTopology", groups(Scores.by(Run::topology, scoring)));
    report.put(
        "byRuntime",
        groups(
            Scores.by(
                Run::runtime, evaluation.where(run -> run.use().equals(Evaluation.SCORING)))));
    report.put("tuning", strategies(Scores.byStrategy(tuning)));
    report.put("tuningByKind", groups(Scores.by(Run::kind, tuning)));
    report.put("tuningByCourse", groups(Scores.by(Run::course, tuning)));
    report.put("tuningByTopology", groups(Scores.by(Run::topology, tuning)));
    report.put("uses", uses(about, evaluation));
    return report;
  }

  private static SortedMap<String, Object> groups(
      SortedMap<String, SortedMap<String, Scores>> groups) {
    SortedMap<String, Object> all = new TreeMap<>();
    groups.forEach((group, scores) -> all.put(group, strategies(scores)));
    return all;
  }

  private static SortedMap<String, Object> strategies(SortedMap<String, Scores> strategies) {
    SortedMap<String, Object> all = new TreeMap<>();
    strategies.forEach(
        (strategy, scores) -> {
          SortedMap<String, Object> measures = new TreeMap<>();
          for (Measure measure : Measure.values()) {
            measures.put(measure.label(), summary(scores.of(measure)));
          }
          all.put(strategy, measures);
        });
    return all;
  }

  /** Four figures; NaN, which is written as null, where the measure does not apply. */
  private static SortedMap<String, Object> summary(@Nullable Summary summary) {
    Summary known =
        summary == null ? new Summary(Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0) : summary;
    return new TreeMap<>(
        Map.of(
            "median", known.median(),
            "low", known.low(),
            "high", known.high(),
            "worst", known.worst()));
  }

  private static SortedMap<String, Object> uses(
      EvaluationReport.About about, Evaluation evaluation) {
    SortedMap<String, Object> uses = new TreeMap<>();
    for (String use : List.of(Evaluation.SCORING, Evaluation.TUNING)) {
      List<Judged> runs = evaluation.where(run -> run.use().equals(use));
      SortedMap<String, Object> traits =
          new TreeMap<>(about.traits().getOrDefault(use, new TreeMap<>()));
      traits.put("topologies", distinct(runs, Run::topology));
      traits.put("kinds", distinct(runs, Run::kind));
      traits.put("courses", distinct(runs, Run::course));
      uses.put(use, traits);
    }
    return uses;
  }

  private record World(long seed, String scenario) implements Comparable<World> {
    @Override
    public int compareTo(World other) {
      int bySeed = Long.compare(seed, other.seed);
      return bySeed != 0 ? bySeed : scenario.compareTo(other.scenario);
    }
  }

  private static World world(Run run) {
    return new World(run.seed(), run.scenario());
  }

  /** Two jobs of a scenario are watched in the same hours. */
  private static double scenarioHours(List<Judged> runs) {
    Map<List<Object>, Double> longest =
        runs.stream()
            .map(Judged::run)
            .collect(
                Collectors.toMap(
                    run -> List.of(world(run), run.strategy(), run.runtime()),
                    Run::durationSeconds,
                    Math::max));
    return longest.values().stream().mapToDouble(seconds -> seconds).sorted().sum()
        / SECONDS_PER_HOUR;
  }

  /** Faults of all worlds, each counted once, however many strategies met it. */
  private static SortedMap<String, Object> faults(List<Judged> runs) {
    List<Truth> truths =
        runs.stream()
            .map(Judged::run)
            .collect(
                Collectors.toMap(
                    run -> List.of(world(run), run.job()), Run::truths, (one, same) -> one))
            .values()
            .stream()
            .flatMap(List::stream)
            .toList();
    long breaching = truths.stream().filter(truth -> truth.breachSeconds() != null).count();
    return new TreeMap<>(
        Map.of("breaching", breaching, "withoutBreach", truths.size() - breaching));
  }

  private static <T extends Comparable<T>> SortedSet<T> distinct(
      List<Judged> runs, Function<Run, T> trait) {
    return runs.stream().map(Judged::run).map(trait).collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> notes(Evaluation evaluation, List<Judged> scoring, int seeds) {
    List<String> notes = new ArrayList<>();
    if (seeds == 1) {
      notes.add("One seed has no interval: low, high and worst are the one value there is.");
    }
    if (scoring.isEmpty()) {
      notes.add("No run is for scoring: what is shown was, or may have been, tuned on.");
    }
    long silent = Objects.requireNonNull((Long) faults(scoring).get("withoutBreach"));
    if (silent > 0) {
      notes.add(
          silent
              + " of the scoring faults would breach no objective: alarms on them are neither true"
              + " nor false, and recall leaves them out.");
    }
    if (evaluation.runs().stream().anyMatch(j -> !j.run().runtime().equals(evaluation.runtime()))) {
      notes.add(
          "Tables are of the " + evaluation.runtime() + " runtime; others stand under byRuntime.");
    }
    return notes;
  }
}
