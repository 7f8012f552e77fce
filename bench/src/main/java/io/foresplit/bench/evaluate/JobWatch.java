package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Run.Line;
import io.foresplit.bench.measure.Run.Span;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.Objective;
import io.foresplit.contract.SegmentReport;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.Simulation;
import java.util.ArrayList;
import java.util.List;

/**
 * How a job truly fares, from what it reports, whoever looks after it. An objective is breached
 * from the interval at which its metric has been above the bound for the objective's duration until
 * the first interval at which it is not; before it was met for that long, it cannot be breached. An
 * interval without a finished step is above any bound on the step time. Not thread-safe.
 */
final class JobWatch {
  /** Values of a plotted line at most. */
  private static final int LINE_VALUES = 240;

  private final double intervalSeconds;
  private final double startSeconds;
  private final List<Watched> objectives;
  private final List<Double> steps = new ArrayList<>();
  private final List<Double> losses = new ArrayList<>();
  private double ended;

  private static final class Watched {
    private final Objective objective;
    private final int duration;
    private final List<Span> spans = new ArrayList<>();
    private int run;
    private int within;
    private boolean armed;
    private double since = Double.NaN;

    Watched(Objective objective, double intervalSeconds) {
      this.objective = objective;
      duration =
          (int) Math.max(1, Math.ceil(objective.duration().toMillis() / 1e3 / intervalSeconds));
    }

    void observe(double value, double end) {
      boolean above =
          Double.isNaN(value)
              ? objective.metric() == Metric.STEP_SECONDS
              : value > objective.bound();
      run = above ? run + 1 : 0;
      within = above ? 0 : within + 1;
      armed |= within >= duration;
      if (armed && run >= duration && Double.isNaN(since)) {
        since = end;
      } else if (!above && !Double.isNaN(since)) {
        close(end);
      }
    }

    void close(double end) {
      if (!Double.isNaN(since) && end > since) {
        spans.add(new Span(since, end));
      }
      since = Double.NaN;
    }
  }

  JobWatch(Simulation simulation) {
    intervalSeconds = simulation.job().interval().toMillis() / 1e3;
    startSeconds = simulation.start().toEpochMilli() / 1e3;
    objectives =
        simulation.job().objectives().stream()
            .map(objective -> new Watched(objective, intervalSeconds))
            .toList();
  }

  void onInterval(SimulatedInterval interval) {
    ended = interval.end().toEpochMilli() / 1e3 - startSeconds;
    double step = value(interval, Metric.STEP_SECONDS);
    double loss = value(interval, Metric.LOSS);
    steps.add(step);
    losses.add(loss);
    for (Watched watched : objectives) {
      Metric metric = watched.objective.metric();
      watched.observe(
          metric == Metric.STEP_SECONDS ? step : metric == Metric.LOSS ? loss : 0, ended);
    }
  }

  private static double value(SimulatedInterval interval, Metric metric) {
    for (SegmentReport report : interval.reports()) {
      for (MetricSample sample : report.samples()) {
        if (sample.metric() == metric && sample.component().equals(ComponentId.JOB)) {
          return sample.value();
        }
      }
    }
    return Double.NaN;
  }

  /** Ends the watch: what is breached is so until now. */
  void close() {
    objectives.forEach(watched -> watched.close(ended));
  }

  /** Times in which any objective was breached, in order, overlaps joined. */
  List<Span> breaches() {
    List<Span> all = new ArrayList<>();
    objectives.forEach(watched -> all.addAll(watched.spans));
    all.sort((a, b) -> Double.compare(a.from(), b.from()));
    List<Span> joined = new ArrayList<>();
    for (Span span : all) {
      int last = joined.size() - 1;
      if (last >= 0 && joined.get(last).to() >= span.from()) {
        Span before = joined.get(last);
        joined.set(last, new Span(before.from(), Math.max(before.to(), span.to())));
      } else {
        joined.add(span);
      }
    }
    return joined;
  }

  /** Objectives that are breached now. */
  List<Objective> breached() {
    return objectives.stream()
        .filter(watched -> !Double.isNaN(watched.since))
        .map(watched -> watched.objective)
        .toList();
  }

  /** Mean loss of the last tenth of what was watched, nats; NaN when no step was done in it. */
  double finalLoss() {
    return losses.subList(losses.size() - Math.max(1, losses.size() / 10), losses.size()).stream()
        .filter(loss -> !loss.isNaN())
        .mapToDouble(Double::doubleValue)
        .average()
        .orElse(Double.NaN);
  }

  /** Step times, thinned to medians. */
  Line line() {
    int each = Math.max(1, (steps.size() + LINE_VALUES - 1) / LINE_VALUES);
    List<Double> values = new ArrayList<>();
    for (int from = 0; from < steps.size(); from += each) {
      double[] sorted =
          steps.subList(from, Math.min(from + each, steps.size())).stream()
              .filter(step -> !step.isNaN())
              .mapToDouble(Double::doubleValue)
              .sorted()
              .toArray();
      values.add(sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2]);
    }
    double bound =
        objectives.stream()
            .filter(watched -> watched.objective.metric() == Metric.STEP_SECONDS)
            .mapToDouble(watched -> watched.objective.bound())
            .min()
            .orElse(Double.NaN);
    return new Line(each * intervalSeconds, values, bound);
  }
}
