package io.foresplit.app.metrics;

import io.foresplit.app.view.RecordSink;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.Objective;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.Rejection;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SplitTopology;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.stream.ForecasterListener;
import io.foresplit.recovery.RecoveryListener;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The service and its jobs as Prometheus metrics. Names are fixed; label values are ids the
 * contract has validated. Counters count what happened since the service started, not the history
 * it reads first. Records come from one thread, what the forecaster measures from its own.
 */
public final class ServiceMetrics implements RecordSink, ForecasterListener {
  private static final double[] FORECAST_LEVELS = {0.1, 0.5, 0.9};

  private final Map<JobId, Set<IncidentId>> open = new HashMap<>();
  private boolean counting;

  private final Gauge stepSeconds;
  private final Gauge stepsPerSecond;
  private final Gauge loss;
  private final Gauge linkRate;
  private final Gauge linkDelay;
  private final Gauge slowdown;
  private final Gauge topologyEpoch;
  private final Gauge breachProbability;
  private final Gauge objectiveBound;
  private final Gauge forecastStepSeconds;
  private final Gauge forecastPace;
  private final Gauge forecastCoverage;
  private final Gauge incidentOpen;
  private final Counter incidents;
  private final Counter diagnoses;
  private final Counter actions;
  private final Counter recommendations;
  private final Counter rejectedReports;
  private final Counter ticks;
  private final Histogram movePause;

  /** Registers every metric, those of the JVM included. */
  public ServiceMetrics(PrometheusRegistry registry) {
    JvmMetrics.builder().register(registry);
    stepSeconds = gauge(registry, "foresplit_step_seconds", "Mean time of a training step", "job");
    stepsPerSecond =
        gauge(registry, "foresplit_steps_per_second", "Training steps finished a second", "job");
    loss = gauge(registry, "foresplit_loss", "Training loss", "job");
    linkRate =
        gauge(
            registry,
            "foresplit_link_rate_bytes",
            "Rate a link gives, bytes per second",
            "job",
            "link");
    linkDelay =
        gauge(registry, "foresplit_link_delay_seconds", "One-way delay of a link", "job", "link");
    slowdown =
        gauge(
            registry,
            "foresplit_node_slowdown",
            "Measured compute time over the declared one",
            "job",
            "node");
    topologyEpoch =
        gauge(registry, "foresplit_topology_epoch", "Grows with every committed move", "job");
    breachProbability =
        gauge(
            registry,
            "foresplit_breach_probability",
            "Probability that an objective is breached within the horizon, as of its incident",
            "job",
            "objective");
    objectiveBound =
        gauge(registry, "foresplit_objective_bound", "Bound of an objective", "job", "objective");
    forecastStepSeconds =
        gauge(
            registry,
            "foresplit_forecast_step_seconds",
            "Step time forecast for the end of the horizon",
            "job",
            "quantile");
    forecastCoverage =
        gauge(
            registry,
            "foresplit_forecast_coverage_ratio",
            "Share of recent values at or below the quantile that was forecast for them",
            "job",
            "quantile");
    forecastPace =
        gauge(
            registry,
            "foresplit_forecast_pace_intervals",
            "Intervals for which a forecast of a calm series serves; grows when forecasts cannot"
                + " keep up",
            "job");
    incidentOpen = gauge(registry, "foresplit_incident_open", "Incidents open in the job", "job");
    incidents = counter(registry, "foresplit_incidents_total", "Incident records", "job", "phase");
    diagnoses =
        counter(
            registry, "foresplit_diagnoses_total", "Diagnoses made", "job", "cause", "reasoner");
    actions =
        counter(
            registry,
            "foresplit_actions_total",
            "Recovery actions ended",
            "job",
            "result",
            "proposer");
    recommendations =
        counter(
            registry,
            "foresplit_recommended_moves_total",
            "Moves a language model recommended: refused by a rule of the job, lost, won, or late",
            "job",
            "verdict");
    rejectedReports =
        counter(registry, "foresplit_rejected_reports_total", "Reports rejected", "code");
    ticks = counter(registry, "foresplit_ticks_total", "Report intervals closed", "job");
    movePause =
        Histogram.builder()
            .name("foresplit_move_pause_seconds")
            .help("How long training stood still for a move")
            .unit(Unit.SECONDS)
            .classicUpperBounds(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
            .register(registry);
    for (Rejection.Code code : Rejection.Code.values()) {
      rejectedReports.labelValues(lower(code));
    }
  }

  private static Gauge gauge(
      PrometheusRegistry registry, String name, String help, String... labels) {
    return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  private static Counter counter(
      PrometheusRegistry registry, String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  @Override
  public void on(JobRecord record) {
    String job = record.jobId().value();
    if (record instanceof SegmentMetrics metrics) {
      metrics.samples().forEach(sample -> on(job, sample));
    } else if (record instanceof IntervalTick) {
      if (counting) {
        ticks.labelValues(job).inc();
      }
    } else if (record instanceof ForecastPace pace) {
      forecastPace.labelValues(job).set(pace.calmTicks());
    } else if (record instanceof SplitTopology topology) {
      topologyEpoch.labelValues(job).set((double) topology.epoch());
      incidentOpen.labelValues(job).set(openIncidents(topology.jobId()).size());
      for (Objective objective : topology.job().objectives()) {
        objectiveBound.labelValues(job, objective.id().value()).set(objective.bound());
        breachProbability.labelValues(job, objective.id().value()).inc(0);
      }
    }
  }

  private void on(String job, MetricSample sample) {
    ComponentId component = sample.component();
    if (component.equals(ComponentId.JOB)) {
      if (sample.metric() == Metric.STEP_SECONDS) {
        stepSeconds.labelValues(job).set(sample.value());
      } else if (sample.metric() == Metric.STEPS_PER_SECOND) {
        stepsPerSecond.labelValues(job).set(sample.value());
      } else if (sample.metric() == Metric.LOSS) {
        loss.labelValues(job).set(sample.value());
      }
    } else if (sample.metric() == Metric.LINK_RATE) {
      linkRate.labelValues(job, component.value()).set(sample.value());
    } else if (sample.metric() == Metric.LINK_DELAY_SECONDS) {
      linkDelay.labelValues(job, component.value()).set(sample.value());
    } else if (sample.metric() == Metric.SLOWDOWN) {
      slowdown.labelValues(job, component.value()).set(sample.value());
    }
  }

  /** Ignored: without its job a forecast has no labels. */
  @Override
  public void on(Forecast forecast) {}

  @Override
  public void on(JobId job, Forecast forecast) {
    if (forecast.series().metric() == Metric.STEP_SECONDS) {
      for (double level : FORECAST_LEVELS) {
        forecastStepSeconds
            .labelValues(job.value(), Double.toString(level))
            .set(forecast.quantile(level, forecast.horizon() - 1));
      }
    }
  }

  @Override
  public void on(Incident incident) {
    String job = incident.job().value();
    boolean resolved = incident.phase() == Incident.Phase.RESOLVED;
    Set<IncidentId> ids = openIncidents(incident.job());
    if (resolved) {
      ids.remove(incident.id());
    } else {
      ids.add(incident.id());
    }
    incidentOpen.labelValues(job).set(ids.size());
    for (BreachRisk risk : incident.risks()) {
      breachProbability.labelValues(job, risk.objective().value()).set(risk.probability());
    }
    if (counting) {
      incidents.labelValues(job, lower(incident.phase())).inc();
    }
  }

  @Override
  public void coverageMeasured(JobId job, List<Double> below) {
    for (int level = 0; level < below.size(); level++) {
      forecastCoverage
          .labelValues(job.value(), Double.toString(Quantiles.LEVELS.get(level)))
          .set(below.get(level));
    }
  }

  private Set<IncidentId> openIncidents(JobId job) {
    return open.computeIfAbsent(job, k -> new HashSet<>());
  }

  @Override
  public void on(Diagnosis diagnosis) {
    if (counting) {
      diagnoses
          .labelValues(
              diagnosis.incident().job().value(),
              diagnosis.top().map(c -> c.cause().label()).orElse("none"),
              diagnosis.reasoner().startsWith("statistics+llm") ? "statistics+llm" : "statistics")
          .inc();
    }
  }

  /** Ignored: outcomes say how actions ended. */
  @Override
  public void on(JournalEntry entry) {}

  @Override
  public void on(ActionOutcome outcome) {
    if (counting) {
      RecoveryPlan plan = outcome.plan();
      actions
          .labelValues(plan.job().value(), lower(outcome.result()), lower(plan.proposer()))
          .inc();
      if (plan.action() instanceof MoveLayers) {
        movePause.observe(outcome.pauseMillis() / 1e3);
      }
    }
  }

  /** As {@link RecoveryListener#recommended} tells it, on the thread of recovery. */
  public void recommended(JobId job, int refused, int lost, boolean won) {
    recommendations.labelValues(job.value(), "refused").inc(refused);
    recommendations.labelValues(job.value(), "lost").inc(lost);
    recommendations.labelValues(job.value(), "won").inc(won ? 1 : 0);
  }

  /** As {@link RecoveryListener#late} tells it, on the thread of recovery. */
  public void late(JobId job, int moves) {
    recommendations.labelValues(job.value(), "late").inc(moves);
  }

  @Override
  public void on(Rejection rejection) {
    if (counting) {
      rejectedReports.labelValues(lower(rejection.code())).inc();
    }
  }

  @Override
  public void caughtUp() {
    counting = true;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
