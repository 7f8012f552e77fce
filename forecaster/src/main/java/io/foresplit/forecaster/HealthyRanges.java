package io.foresplit.forecaster;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Metric;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayList;
import java.util.List;

/** Where the series of a job are healthy: when that is learnt, and what a new cut makes of it. */
final class HealthyRanges {
  private static final int SETTLED_VALUES = 16;

  private final ForecasterConfig config;
  private final PlacementPlanner planner;

  HealthyRanges(ForecasterConfig config, PlacementPlanner planner) {
    this.config = config;
    this.planner = planner;
  }

  /** What was healthy at the old cut, at the new one: by the planner, under healthy conditions. */
  void rescale(JobState state, SplitTopology from, SplitTopology to) {
    Conditions healthy = from.job().declaredConditions();
    for (SeriesKey series : ConditionSeries.of(from.job())) {
      HealthyRange range = state.model(series).healthy();
      if (range.isKnown()) {
        double center = Scale.of(series.metric()).toNatural(range.center());
        healthy = healthy.with(series, center);
      }
    }
    double before = planner.predict(from.job(), from.placement(), healthy);
    double after = planner.predict(to.job(), to.placement(), healthy);
    SeriesModel steps = state.model(new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS));
    if (steps.healthy().isKnown() && before > 0 && after > 0) {
      double change = Math.log(after / before);
      steps.recenter(steps.healthy().center() + change);
      to.job().objectives().stream()
          .filter(objective -> objective.metric() == Metric.STEP_SECONDS)
          .forEach(objective -> state.watch(objective.id()).shift().move(change));
    }
  }

  /**
   * Learns what is healthy, but never from an incident. The level an incident left behind when it
   * was resolved is what further degradation is compared with.
   */
  void learn(
      JobState state,
      SplitTopology topology,
      List<BreachRisk> risks,
      ConditionOutlook conditions,
      List<SeriesModel.Reading> objectives,
      boolean resolved) {
    boolean lowRisk = risks.stream().allMatch(r -> r.probability() < config.resolveProbability());
    if (state.hasIncident() || !(lowRisk || resolved)) {
      return;
    }
    List<SeriesModel.Reading> learning = new ArrayList<>(conditions.readings());
    for (int i = 0; i < objectives.size(); i++) {
      ObjectiveWatch watch = state.watch(topology.job().objectives().get(i).id());
      if (watch.armed()) {
        learning.add(objectives.get(i));
        learnShift(state, watch.shift(), objectives.get(i).series(), resolved);
      }
    }
    for (SeriesModel.Reading reading : learning) {
      SeriesModel model = state.model(reading.series());
      if (resolved) {
        model.recenter(Robust.level(reading.model(), SETTLED_VALUES));
      } else {
        model.learnHealthy(reading.model(), config.healthyValues());
      }
    }
  }

  private void learnShift(JobState state, ShiftDetector shift, SeriesKey series, boolean resolved) {
    Scale scale = Scale.of(series.metric()).unsmoothed();
    double[] values = scale.toModel(state.windows().values(series));
    if (resolved) {
      shift.recenter(Robust.level(values, SETTLED_VALUES));
    } else {
      shift.learn(values, series.metric(), config.healthyValues());
    }
  }
}
