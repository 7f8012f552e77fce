package io.foresplit.bench.peer;

import io.foresplit.diagnoser.CallGraph;
import io.foresplit.diagnoser.CallGraph.Call;
import io.foresplit.diagnoser.MetricDiagnosis;
import io.foresplit.diagnoser.MetricTable;
import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Milliseconds of a diagnosis of 200 components with 20 metrics of 600 values each, on one thread.
 * Figures are in {@code docs/offline.md}.
 *
 * <p>{@code mvn -Pbench -pl bench -am test -Dtest=MetricDiagnosisBenchmark
 * -Dsurefire.failIfNoSpecifiedTests=false}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class MetricDiagnosisBenchmark {
  private static final int COMPONENTS = 200;
  private static final int METRICS = 20;
  private static final int STEPS = 600;
  private static final int ONSET = 480;
  private static final double STEP_SECONDS = 5;

  /** Noise; one component goes off, and those that call it follow. */
  @State(Scope.Benchmark)
  public static class System {
    private final MetricTable table = table();
    private final CallGraph calls = calls();

    private static MetricTable table() {
      Random random = new Random(1);
      List<MetricSeries> series = new ArrayList<>();
      for (int c = 0; c < COMPONENTS; c++) {
        for (int m = 0; m < METRICS; m++) {
          double shift = c == COMPONENTS - 1 ? 20 : c % 10 == 0 ? 10 : 0;
          double[] values = new double[STEPS];
          for (int i = 0; i < STEPS; i++) {
            values[i] = 10 + random.nextGaussian() + (i >= ONSET ? shift : 0);
            values[i] = random.nextInt(100) == 0 ? Double.NaN : values[i];
          }
          series.add(new MetricSeries("c" + c, "latency of " + (char) ('a' + m), values));
        }
      }
      return new MetricTable(0, STEP_SECONDS, STEPS, series);
    }

    private static CallGraph calls() {
      List<Call> calls = new ArrayList<>();
      for (int c = 1; c < COMPONENTS; c++) {
        calls.add(new Call("c" + (c - 1) / 2, "c" + c));
      }
      return new CallGraph(calls);
    }
  }

  @Benchmark
  public MetricDiagnosis onsetGiven(System at) {
    return MetricDiagnosis.of(at.table, at.calls, OptionalDouble.of(ONSET * STEP_SECONDS));
  }

  @Benchmark
  public MetricDiagnosis onsetEstimated(System at) {
    return MetricDiagnosis.of(at.table, at.calls, OptionalDouble.empty());
  }

  /** Runs each in a JVM of its own. */
  @Test
  void run() throws RunnerException {
    java.lang.System.setProperty("jmh.separateClasspathJAR", "true");
    new Runner(
            new OptionsBuilder()
                .include(MetricDiagnosisBenchmark.class.getSimpleName())
                .forks(1)
                .jvmArgs("-Xmx1g", "-XX:+UseSerialGC")
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(2))
                .measurementIterations(5)
                .measurementTime(TimeValue.seconds(2))
                .build())
        .run();
  }
}
