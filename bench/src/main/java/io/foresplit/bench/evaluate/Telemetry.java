package io.foresplit.bench.evaluate;

import io.foresplit.bench.scenario.Scenario;
import io.foresplit.contract.JobId;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.SegmentReport;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the nodes of a scenario report, for training forecasters: long form, {@code
 * series,interval,value}, on the natural scale. A series is {@code
 * seed/scenario/strategy/job/component/metric}; from its first value on it has a row an interval,
 * without a value where there is a gap. Not thread-safe.
 */
final class Telemetry implements AutoCloseable {
  private final @Nullable Writer out;
  private final String scenario;
  private final Map<String, Map<String, String>> names = new HashMap<>();
  private final Map<String, Long> intervals = new HashMap<>();

  private Telemetry(@Nullable Writer out, String scenario) {
    this.out = out;
    this.scenario = scenario;
  }

  /** A file of its own for each scenario. */
  static Telemetry in(Path folder, Scenario scenario) {
    String name = scenario.id().replaceAll("[^A-Za-z0-9.]+", "-");
    try {
      Files.createDirectories(folder);
      Writer out =
          Files.newBufferedWriter(folder.resolve("seed-" + scenario.seed() + "-" + name + ".csv"));
      out.write("series,interval,value\n");
      return new Telemetry(out, scenario.seed() + "/" + scenario.id());
    } catch (IOException e) {
      throw new UncheckedIOException("telemetry cannot be written to " + folder, e);
    }
  }

  /** Writes nothing. */
  static Telemetry none() {
    return new Telemetry(null, "");
  }

  void onInterval(Strategy strategy, JobId job, SimulatedInterval interval) {
    if (out == null) {
      return;
    }
    String prefix = scenario + "/" + strategy.label() + "/" + job;
    Map<String, String> known = names.computeIfAbsent(prefix, key -> new TreeMap<>());
    Map<String, Double> values = new HashMap<>();
    for (SegmentReport report : interval.reports()) {
      for (MetricSample sample : report.samples()) {
        String metric = sample.metric().name().toLowerCase(Locale.ROOT).replace('_', '-');
        String series = sample.component() + "/" + metric;
        known.computeIfAbsent(series, key -> prefix + "/" + key);
        values.put(series, sample.value());
      }
    }
    long number = intervals.merge(prefix, 1L, Long::sum);
    try {
      for (Map.Entry<String, String> series : known.entrySet()) {
        Double value = values.get(series.getKey());
        String text = value == null ? "" : Float.toString(value.floatValue());
        out.write(series.getValue() + "," + number + "," + text + "\n");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("telemetry of " + scenario + " cannot be written", e);
    }
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("telemetry of " + scenario + " cannot be written", e);
    }
  }
}
