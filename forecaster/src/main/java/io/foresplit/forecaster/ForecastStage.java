package io.foresplit.forecaster;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Metrics become forecasts and incidents. A pure function of a job's state and its records in their
 * order, deciding on ticks alone; a series with too few values is not forecast. Every interval the
 * job is looked at, which is cheap; it is forecast when something of it may be leaving its healthy
 * range, and else now and then. The stage itself is immutable and thread-safe, the state is not.
 */
public final class ForecastStage {
  /** Intervals between two measurements of how well forecasts are calibrated. */
  private static final int COVERAGE_TICKS = 64;

  private final ForecasterConfig config;
  private final PlacementPlanner planner;
  private final Panel panel;
  private final StepTimeForecaster stepTime;
  private final HealthyRanges healthyRanges;
  private final OpeningRule opening;
  private final IncidentRule rule;
  private final IncidentKinds kinds;

  public ForecastStage(ForecasterConfig config, PlacementPlanner planner) {
    this(config, planner, Panel.BASELINES.members());
  }

  /**
   * @param forecasters of single series, of which those with the least recent loss are mixed; the
   *     first one is trusted until there is evidence
   */
  public ForecastStage(
      ForecasterConfig config, PlacementPlanner planner, List<Forecaster> forecasters) {
    this(config, planner, new Panel(forecasters), KindClassifier.NONE);
  }

  private ForecastStage(
      ForecasterConfig config, PlacementPlanner planner, Panel panel, KindClassifier kinds) {
    this.config = config;
    this.planner = planner;
    this.panel = panel;
    this.stepTime = new StepTimeForecaster(planner);
    this.healthyRanges = new HealthyRanges(config, planner);
    this.opening = new OpeningRule(config);
    this.rule = new IncidentRule(config);
    this.kinds = new IncidentKinds(kinds);
  }

  /** The same with somebody who says of which kind an incident is. */
  public ForecastStage withKinds(KindClassifier classifier) {
    return new ForecastStage(config, planner, panel, classifier);
  }

  /** The state of a job nothing is known of. */
  public JobState newState() {
    return new JobState(config.windowLength(), panel, config.horizon());
  }

  /** Intervals that a state remembers. */
  int windowLength() {
    return config.windowLength();
  }

  /** What the part of a state that is learnt of forecasters depends on. */
  String forecasters() {
    List<String> names = panel.members().stream().map(Forecaster::name).toList();
    return names + " to " + config.horizon() + " intervals ahead";
  }

  /** Takes one record of the job's log into the state; says what follows from it. */
  public List<ForecastEvent> on(JobState state, JobRecord record) {
    if (record instanceof SplitTopology topology) {
      onTopology(state, topology);
    } else if (record instanceof SegmentMetrics metrics) {
      state.windows().add(metrics);
      state.residuals().add(metrics);
    } else if (record instanceof IntervalTick tick) {
      return onTick(state, tick);
    } else if (record instanceof ForecastPace pace && state.topology() != null) {
      state.setCalmTicks(pace.calmTicks());
    }
    return List.of();
  }

  /** Intervals for which a forecast of a calm series serves while forecasts keep up. */
  public int usualCalmTicks() {
    return config.calmTicks();
  }

  /** Intervals for which a forecast of a calm series serves: as recorded, else as configured. */
  public int calmTicks(JobState state) {
    return Math.max(config.calmTicks(), state.calmTicks());
  }

  private void onTopology(JobState state, SplitTopology topology) {
    SplitTopology before = state.topology();
    if (before != null
        && (!before.job().equals(topology.job()) || topology.epoch() < before.epoch())) {
      state.reset();
      before = null;
    }
    if (before != null && topology.epoch() > before.epoch()) {
      state.logRatio().clear();
      healthyRanges.rescale(state, before, topology);
      state
          .models()
          .forEach(
              (series, model) -> {
                if (WindowAssembler.dependsOnCut(series.metric())) {
                  model.onEpoch();
                }
              });
      for (Objective objective : topology.job().objectives()) {
        state.watch(objective.id()).onEpoch(objective);
      }
    }
    state.setTopology(topology);
    state.windows().onTopology(topology.job(), topology.epoch());
    state.residuals().onTopology(topology.epoch());
  }

  private List<ForecastEvent> onTick(JobState state, IntervalTick tick) {
    SplitTopology topology = state.topology();
    if (topology == null || !state.windows().close(tick)) {
      return List.of();
    }
    state.setTicks(state.ticks() + 1);
    state.residuals().close(tick, !state.hasIncident());
    List<SeriesModel.Reading> looked =
        ConditionSeries.of(topology.job()).stream().map(series -> look(state, series)).toList();
    List<SeriesModel.Reading> objectives =
        topology.job().objectives().stream()
            .map(o -> look(state, new SeriesKey(ComponentId.JOB, o.metric())))
            .toList();
    boolean told = state.windows().told() && tick.silent().isEmpty();
    for (int i = 0; i < objectives.size(); i++) {
      Objective objective = topology.job().objectives().get(i);
      double value = lastValue(state.windows().values(objectives.get(i).series()));
      state.watch(objective.id()).observe(objective, tick, value, told);
    }
    boolean due =
        state.ticks() % calmTicks(state) == 0 || !isCalm(state, topology, tick, looked, objectives);
    List<ForecastEvent> events = new ArrayList<>();
    if (due) {
      List<SeriesModel.Reading> all =
          forecast(state, Stream.concat(looked.stream(), objectives.stream()).toList(), tick);
      objectives = all.subList(looked.size(), all.size());
      looked = all.subList(0, looked.size());
    }
    for (SeriesModel.Reading reading : looked) {
      reading
          .outlook()
          .filter(SeriesModel.Outlook::isNew)
          .ifPresent(o -> events.add(made(reading, o, tick)));
    }
    ConditionOutlook conditions = ConditionOutlook.of(topology.job(), looked);
    double predicted = planner.predict(topology.job(), topology.placement(), conditions.now());
    double step =
        lastValue(state.windows().values(new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS)));
    state.logRatio().append(step > 0 ? Math.log(step / predicted) : Double.NaN);
    if (state.ticks() % COVERAGE_TICKS == 0) {
      coverage(state, tick).ifPresent(events::add);
    }
    if (due) {
      judge(state, topology, tick, conditions, objectives, predicted, events);
    } else {
      topology.job().objectives().forEach(objective -> state.watch(objective.id()).high(false));
      healthyRanges.learn(state, topology, List.of(), conditions, objectives, false);
    }
    return events;
  }

  /**
   * Whether nothing can be alarmed about, or soon: everybody reports, healthy ranges are learnt and
   * everything is well within them, objectives are met. There is no evidence for an alarm then, so
   * that a forecast would change nothing.
   */
  private boolean isCalm(
      JobState state,
      SplitTopology topology,
      IntervalTick tick,
      List<SeriesModel.Reading> looked,
      List<SeriesModel.Reading> objectives) {
    boolean allReport = tick.silent().isEmpty() && state.incidents().allReport();
    if (state.hasIncident() || !allReport) {
      return false;
    }
    for (int i = 0; i < objectives.size(); i++) {
      ObjectiveWatch watch = state.watch(topology.job().objectives().get(i).id());
      if (!watch.armed() || watch.aboveRun() > 0 || watch.shift().isSuspicious()) {
        return false;
      }
    }
    return Stream.concat(looked.stream(), objectives.stream())
        .allMatch(
            reading ->
                state.model(reading.series()).healthy().learnt() >= config.healthyValues()
                    && SeriesModel.isCalm(reading));
  }

  private void judge(
      JobState state,
      SplitTopology topology,
      IntervalTick tick,
      ConditionOutlook conditions,
      List<SeriesModel.Reading> objectives,
      double predicted,
      List<ForecastEvent> events) {
    List<BreachRisk> risks = new ArrayList<>();
    Set<SeriesKey> forecast = new TreeSet<>();
    boolean ready = true;
    for (int i = 0; i < objectives.size(); i++) {
      Objective objective = topology.job().objectives().get(i);
      SeriesModel.Reading reading = objectives.get(i);
      ObjectiveWatch watch = state.watch(objective.id());
      Optional<SeriesModel.Outlook> outlook = outlook(state, topology, conditions, reading);
      if (outlook.isPresent()) {
        ForecastEvent.ForecastMade made = made(reading, outlook.get(), tick);
        if (outlook.get().isNew() && forecast.add(reading.series())) {
          events.add(made);
        }
        if (watch.armed() && !Double.isNaN(watch.last(tick))) {
          boolean certain =
              !state.hasIncident() && watch.isCertain(objective, tick, config.healthyValues());
          double least = certain ? config.openProbability() : 0;
          risks.add(risk(objective, made.forecast(), watch, tick, least));
        }
      } else {
        ready &= !watch.armed();
      }
    }
    events.add(new ForecastEvent.RisksJudged(tick.interval(), risks));
    IncidentRule.Situation situation =
        new IncidentRule.Situation(
            tick,
            state.ticks() > config.warmUpTicks(),
            risks,
            ready,
            opening.atRisk(state, topology.job(), tick, risks, conditions, objectives),
            conditions,
            predicted,
            () ->
                OnsetEstimator.onset(
                    conditions.readings(),
                    objectives,
                    r -> state.model(r.series()).healthy(),
                    state.standing(),
                    tick.interval()));
    OpenIncident before = state.incidents().open();
    Optional<Incident> incident = rule.decide(state.incidents(), situation);
    OpenIncident open = before == null ? state.incidents().open() : before;
    for (Incident changed : incident.stream().toList()) {
      events.add(
          new ForecastEvent.IncidentChanged(
              kinds.named(
                  changed,
                  open,
                  () -> KindEvidence.of(state, topology.job(), situation, objectives))));
    }
    boolean resolved = incident.isPresent() && !state.hasIncident();
    healthyRanges.learn(state, topology, risks, conditions, objectives, resolved);
  }

  private static Optional<ForecastEvent> coverage(JobState state, IntervalTick tick) {
    List<Calibration> judged =
        state.models().values().stream()
            .map(SeriesModel::calibration)
            .filter(calibration -> calibration.hasLearnt(0))
            .toList();
    return judged.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ForecastEvent.CoverageMeasured(
                tick.interval(),
                IntStream.range(0, Quantiles.LEVELS.size())
                    .mapToObj(
                        level ->
                            judged.stream()
                                .mapToDouble(one -> one.coverage(level, 0))
                                .average()
                                .orElseThrow())
                    .toList()));
  }

  private static BreachRisk risk(
      Objective objective,
      Forecast forecast,
      ObjectiveWatch watch,
      IntervalTick tick,
      double least) {
    return BreachPredictor.risk(
        objective,
        forecast,
        watch.aboveRun(),
        ObjectiveWatch.durationTicks(objective, tick),
        watch.last(tick),
        least);
  }

  private Optional<SeriesModel.Outlook> outlook(
      JobState state,
      SplitTopology topology,
      ConditionOutlook conditions,
      SeriesModel.Reading reading) {
    if (reading.series().metric() == Metric.STEP_SECONDS && conditions.isForecast()) {
      double[] logRatio = state.logRatio().values();
      return Robust.countPresent(logRatio) < config.leastValuesAfterMove()
          ? Optional.empty()
          : Optional.of(
              new SeriesModel.Outlook(
                  stepTime.forecast(topology, conditions, logRatio, config.horizon()),
                  StepTimeForecaster.NAME,
                  true));
    }
    return isFresh(reading.model()) ? reading.outlook() : Optional.empty();
  }

  private static SeriesModel.Reading look(JobState state, SeriesKey series) {
    return state.model(series).look(state.windows().values(series));
  }

  /**
   * Those with enough values get a forecast: what was forecast of a calm series goes on for some
   * intervals, and for all others together a new one is asked for.
   */
  private List<SeriesModel.Reading> forecast(
      JobState state, List<SeriesModel.Reading> looked, IntervalTick tick) {
    long now = tick.interval();
    List<SeriesModel.Reading> result = new ArrayList<>(looked);
    List<Integer> due = new ArrayList<>();
    for (int i = 0; i < looked.size(); i++) {
      SeriesModel.Reading reading = looked.get(i);
      if (Robust.countPresent(reading.model()) >= config.leastValues()) {
        Optional<SeriesModel.Reading> goingOn =
            state.model(reading.series()).goingOn(reading, now, calmTicks(state));
        if (goingOn.isPresent()) {
          result.set(i, goingOn.get());
        } else {
          due.add(i);
        }
      }
    }
    List<List<Served>> said =
        panel.ask(due.stream().map(i -> looked.get(i).model()).toList(), config.horizon());
    for (int i = 0; i < due.size(); i++) {
      SeriesModel.Reading reading = looked.get(due.get(i));
      result.set(due.get(i), state.model(reading.series()).forecast(reading, said.get(i), now));
    }
    return result;
  }

  private static ForecastEvent.ForecastMade made(
      SeriesModel.Reading reading, SeriesModel.Outlook outlook, IntervalTick tick) {
    return new ForecastEvent.ForecastMade(
        outlook
            .quantiles()
            .toForecast(reading.series(), tick.interval(), tick.epoch(), outlook.forecaster()));
  }

  private static boolean isFresh(double[] window) {
    int from = Math.max(0, window.length - SeriesWindow.FRESH_VALUES);
    return Robust.countPresent(Arrays.copyOfRange(window, from, window.length)) >= 3;
  }

  private static double lastValue(double[] window) {
    return window.length == 0 ? Double.NaN : window[window.length - 1];
  }
}
