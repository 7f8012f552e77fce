package io.foresplit.bench.report;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.bench.measure.Finding;
import io.foresplit.bench.measure.Judged;
import io.foresplit.bench.measure.Judged.Verdict;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Truth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One run to look at: what was wrong, how long steps took with nobody and with the product looking
 * after the job, and what it did.
 *
 * @param leadSeconds mean over the run's faults
 * @param unprotected null where nobody's run of the same world is not there
 */
record Timeline(
    String kind,
    String topology,
    String course,
    String scenario,
    long seed,
    String job,
    double durationSeconds,
    double leadSeconds,
    double boundSeconds,
    List<Truth> truths,
    List<Raised> alarms,
    List<Act> acts,
    Steps product,
    @Nullable Steps unprotected) {
  private static final int POINTS = 200;

  /** An alarm with its verdict and what it named first. */
  record Raised(
      double openedSeconds,
      @Nullable Double resolvedSeconds,
      Verdict verdict,
      Alarm.@Nullable Candidate first) {}

  /** Step times, a value each so many seconds; null where no step was done. */
  record Steps(double everySeconds, List<Double> seconds) {
    /** The median of each few values, so that there are few enough. */
    static Steps of(Run.Line line) {
      int few = Math.max(1, (line.stepSeconds().size() + POINTS - 1) / POINTS);
      List<Double> thinned = new ArrayList<>();
      for (int from = 0; from < line.stepSeconds().size(); from += few) {
        List<Double> values =
            line
                .stepSeconds()
                .subList(from, Math.min(from + few, line.stepSeconds().size()))
                .stream()
                .filter(Double::isFinite)
                .sorted()
                .toList();
        thinned.add(values.isEmpty() ? Double.NaN : values.get(values.size() / 2));
      }
      return new Steps(line.everySeconds() * few, thinned);
    }
  }

  /** For each kind with a fault, the product's run with the median lead. */
  static List<Timeline> ofEachKind(List<Judged> runs) {
    Map<List<Object>, Run> nobody = new HashMap<>();
    SortedMap<String, List<Judged>> product = new TreeMap<>();
    for (Judged judged : runs) {
      Run run = judged.run();
      if (run.strategy().equals(Evaluation.UNPROTECTED)) {
        nobody.put(world(run), run);
      } else if (run.strategy().equals(Evaluation.PRODUCT) && run.hasFault()) {
        product.computeIfAbsent(run.kind(), kind -> new ArrayList<>()).add(judged);
      }
    }
    return product.values().stream()
        .map(
            ofKind -> {
              List<Judged> byLead =
                  ofKind.stream().sorted(Comparator.comparingDouble(Timeline::lead)).toList();
              Judged median = byLead.get((byLead.size() - 1) / 2);
              return of(median, nobody.get(world(median.run())));
            })
        .toList();
  }

  private static Timeline of(Judged judged, @Nullable Run nobody) {
    Run run = judged.run();
    List<Alarm> alarms =
        run.alarms().stream().sorted(Comparator.comparingDouble(Alarm::openedSeconds)).toList();
    List<Raised> raised = new ArrayList<>();
    for (int index = 0; index < alarms.size(); index++) {
      Alarm alarm = alarms.get(index);
      raised.add(
          new Raised(
              alarm.openedSeconds(),
              alarm.resolvedSeconds(),
              judged.verdicts().get(index),
              alarm.ranked().isEmpty() ? null : alarm.ranked().get(0)));
    }
    return new Timeline(
        run.kind(),
        run.topology(),
        run.course(),
        run.scenario(),
        run.seed(),
        run.job(),
        run.durationSeconds(),
        lead(judged),
        run.line().boundSeconds(),
        run.truths(),
        raised,
        run.acts(),
        Steps.of(run.line()),
        nobody == null ? null : Steps.of(nobody.line()));
  }

  private static double lead(Judged judged) {
    return judged.findings().stream().mapToDouble(Finding::leadSeconds).average().orElse(0);
  }

  private static List<Object> world(Run run) {
    return List.of(run.seed(), run.scenario(), run.job());
  }
}
