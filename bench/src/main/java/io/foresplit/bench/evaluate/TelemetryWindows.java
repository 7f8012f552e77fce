package io.foresplit.bench.evaluate;

import io.foresplit.bench.scenario.Scenario;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SeriesKey;
import io.foresplit.forecaster.Robust;
import io.foresplit.forecaster.model.WindowRegressionTrainer;
import io.foresplit.forecaster.model.WindowRegressionTrainer.Example;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.SimulatedSite;
import io.foresplit.runtime.sim.Simulation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Windows of what nodes report in scenarios that nobody looks after, with what came then, to train
 * forecasters on. On the logarithm where a metric is a scale. Stateless.
 */
public final class TelemetryWindows {
  private static final int LENGTH = 256;
  private static final int EVERY = 97;
  private static final int LEAST_PRESENT = 32;
  private static final double LEAST = 1e-6;

  private TelemetryWindows() {}

  /** Windows of scenarios, in their order, worked on by all processors. */
  public static List<Example> of(List<Scenario> scenarios) {
    return scenarios.parallelStream().map(TelemetryWindows::of).toList().stream()
        .flatMap(List::stream)
        .toList();
  }

  private static List<Example> of(Scenario scenario) {
    List<Simulation> simulations =
        scenario.jobs().stream().map(job -> job.simulation(scenario.worldSeed())).toList();
    SimulatedSite site = new SimulatedSite(simulations);
    List<Map<SeriesKey, double[]>> jobs = new ArrayList<>();
    simulations.forEach(simulation -> jobs.add(new TreeMap<>()));
    double length = simulations.get(0).job().interval().toMillis() / 1e3;
    int most = (int) Math.ceil(scenario.durationSeconds() / length) + 1;
    for (int at = 0; site.nowSeconds() < scenario.durationSeconds() && at < most; at++) {
      var intervals = site.nextInterval();
      for (int j = 0; j < jobs.size(); j++) {
        SimulatedInterval interval = intervals.get(simulations.get(j).job().id());
        if (interval != null) {
          take(interval, jobs.get(j), at, most);
        }
      }
    }
    List<Example> examples = new ArrayList<>();
    jobs.forEach(series -> series.values().forEach(values -> examples.addAll(windows(values))));
    return examples;
  }

  private static void take(
      SimulatedInterval interval, Map<SeriesKey, double[]> series, int at, int most) {
    for (SegmentReport report : interval.reports()) {
      for (MetricSample sample : report.samples()) {
        double[] values =
            series.computeIfAbsent(
                sample.series(),
                key -> {
                  double[] missing = new double[most];
                  Arrays.fill(missing, Double.NaN);
                  return missing;
                });
        Metric metric = sample.metric();
        values[at] = metric.isScale() ? Math.log(Math.max(sample.value(), LEAST)) : sample.value();
      }
    }
  }

  private static List<Example> windows(double[] values) {
    List<Example> examples = new ArrayList<>();
    for (int end = EVERY; end + WindowRegressionTrainer.AHEAD <= values.length; end += EVERY) {
      double[] window = Arrays.copyOfRange(values, Math.max(0, end - LENGTH), end);
      if (Robust.present(window).length >= LEAST_PRESENT
          && !Double.isNaN(window[window.length - 1])) {
        examples.add(
            new Example(
                window, Arrays.copyOfRange(values, end, end + WindowRegressionTrainer.AHEAD)));
      }
    }
    return examples;
  }
}
