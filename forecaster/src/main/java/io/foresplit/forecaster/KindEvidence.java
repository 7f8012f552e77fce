package io.foresplit.forecaster;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Turns a job at a tick into {@link KindFeatures}. Components are taken together by their greatest
 * and their mean, so that neither their number nor their order matters. Stateless.
 */
final class KindEvidence {
  private static final List<Metric> CONDITIONS =
      List.of(Metric.LINK_RATE, Metric.LINK_DELAY_SECONDS, Metric.SLOWDOWN);
  private static final int PRESENT_VALUES = 2;
  private static final int USUAL_VALUES = 64;
  private static final int NEW_VALUES = 4;

  /** What the logarithm of a measured over a predicted step time is worth in sigmas. */
  private static final double UNEXPLAINED_SIGMA = 0.05;

  private final SortedMap<String, Double> features = new TreeMap<>();

  private KindEvidence() {}

  /**
   * The features of a job at a tick.
   *
   * @param objectives readings of their metrics, in the order of the job's objectives
   */
  static KindFeatures of(
      JobState state,
      JobSpec job,
      IncidentRule.Situation at,
      List<SeriesModel.Reading> objectives) {
    KindEvidence evidence = new KindEvidence();
    for (Metric metric : CONDITIONS) {
      evidence.condition(state, metric, at.conditions().readings());
    }
    evidence.put("silent.nodes", at.tick().silent().size());
    evidence.put("silent.intervals", state.incidents().longestSilence());
    evidence.objectives("time", job, at.risks(), objectives, WindowAssembler::dependsOnCut);
    evidence.objectives(
        "learning", job, at.risks(), objectives, metric -> !WindowAssembler.dependsOnCut(metric));
    evidence.put("time.unexplained", unexplained(state.logRatio().values()));
    for (Metric metric : ResidualTracker.tracked()) {
      List<Residual> residuals = state.residuals().of(metric);
      evidence.group(name(metric), residuals, Residual::level);
      evidence.put(
          name(metric) + ".error",
          residuals.stream().mapToDouble(r -> Math.abs(r.error())).max().orElse(0));
    }
    return new KindFeatures(evidence.features);
  }

  /** Names of all features. */
  static List<String> names() {
    List<String> names =
        new ArrayList<>(
            List.of(
                "silent.nodes",
                "silent.intervals",
                "time.level",
                "time.risk",
                "time.unexplained",
                "learning.level",
                "learning.risk"));
    for (Metric metric : CONDITIONS) {
      for (String what : List.of(".most", ".mean", ".expected", ".missing")) {
        names.add("condition." + name(metric) + what);
      }
    }
    for (Metric metric : ResidualTracker.tracked()) {
      for (String what : List.of(".most", ".mean", ".error")) {
        names.add(name(metric) + what);
      }
    }
    return names;
  }

  private void condition(JobState state, Metric metric, List<SeriesModel.Reading> all) {
    List<SeriesModel.Reading> readings =
        all.stream().filter(reading -> reading.series().metric() == metric).toList();
    String name = "condition." + name(metric);
    put(name + ".most", readings.stream().mapToDouble(r -> r.badness()).max().orElse(0));
    put(name + ".mean", readings.stream().mapToDouble(r -> r.badness()).average().orElse(0));
    put(
        name + ".expected",
        readings.stream().mapToDouble(reading -> expected(state, reading)).max().orElse(0));
    put(
        name + ".missing",
        readings.stream().mapToDouble(KindEvidence::missing).average().orElse(0));
  }

  /** Sigmas outside of the healthy range at the end of the horizon. */
  private static double expected(JobState state, SeriesModel.Reading reading) {
    return reading
        .outlook()
        .map(
            outlook -> {
              double end = outlook.quantiles().median(outlook.quantiles().horizon() - 1);
              return state
                  .model(reading.series())
                  .healthy()
                  .badness(reading.scale().toModel(end), reading.series().metric());
            })
        .orElse(0.0);
  }

  /** Whether a series that there was has no value of late, 1 or 0. */
  private static double missing(SeriesModel.Reading reading) {
    double[] window = reading.model();
    double[] late =
        Arrays.copyOfRange(window, Math.max(0, window.length - PRESENT_VALUES), window.length);
    return Robust.countPresent(window) > PRESENT_VALUES && Robust.countPresent(late) == 0 ? 1 : 0;
  }

  private void objectives(
      String name,
      JobSpec job,
      List<BreachRisk> risks,
      List<SeriesModel.Reading> readings,
      Predicate<Metric> which) {
    List<Objective> chosen =
        job.objectives().stream().filter(objective -> which.test(objective.metric())).toList();
    put(
        name + ".level",
        readings.stream()
            .filter(reading -> which.test(reading.series().metric()))
            .mapToDouble(r -> r.badness())
            .max()
            .orElse(0));
    put(
        name + ".risk",
        risks.stream()
            .filter(risk -> chosen.stream().anyMatch(o -> o.id().equals(risk.objective())))
            .mapToDouble(BreachRisk::probability)
            .max()
            .orElse(0));
  }

  /** How much longer a step takes than conditions say, against what is usual. */
  private static double unexplained(double[] logRatio) {
    double usual = Robust.median(Robust.lastPresent(logRatio, USUAL_VALUES, NEW_VALUES));
    return (Robust.level(logRatio, NEW_VALUES) - usual) / UNEXPLAINED_SIGMA;
  }

  private void group(String name, List<Residual> residuals, ToDoubleFunction<Residual> of) {
    double most = 0;
    List<Double> all = new ArrayList<>();
    for (Residual residual : residuals) {
      double value = of.applyAsDouble(residual);
      most = Math.abs(value) > Math.abs(most) ? value : most;
      all.add(value);
    }
    put(name + ".most", most);
    put(name + ".mean", all.stream().mapToDouble(value -> value).average().orElse(0));
  }

  private void put(String name, double residual) {
    features.put(name, KindFeatures.squashed(residual));
  }

  private static String name(Metric metric) {
    return metric.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
