package io.foresplit.bench.peer;

import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.model.Forecasters;
import io.foresplit.forecaster.model.ModelFileException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Series a second that are forecast on one thread, and values a second that are scored, beside
 * Random Cut Forest with its library's default forest. Figures are in {@code
 * docs/forecasting-model.md}.
 *
 * <p>{@code mvn -Pbench -pl bench -am test -Dtest=ForecastBenchmark
 * -Dsurefire.failIfNoSpecifiedTests=false}
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class ForecastBenchmark {
  private static final int SERIES = 64;
  private static final int JOB = 16;
  private static final int HORIZON = 64;

  /** Series with a day of 24 values in noise. */
  @State(Scope.Benchmark)
  public static class Series {
    private final List<double[]> longer = windows(512);
    private final List<double[]> shorter = windows(256);
    private Forecasters forecasters = new Forecasters(List.of(), Optional.empty());

    private static List<double[]> windows(int length) {
      Random random = new Random(1);
      return IntStream.range(0, SERIES)
          .mapToObj(
              series ->
                  IntStream.range(0, length)
                      .mapToDouble(i -> Math.sin(i * Math.PI / 12) + 0.3 * random.nextGaussian())
                      .toArray())
          .toList();
    }

    @Setup
    public void load() throws ModelFileException {
      forecasters = Forecasters.of(null);
    }

    @TearDown
    public void close() {
      forecasters.close();
    }

    private Forecaster model() {
      return forecasters.all().get(0);
    }
  }

  /** 64 values ahead from 512, 64 series at once. */
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public List<Quantiles> modelOf512(Series at) {
    return at.model().forecast(at.longer, HORIZON);
  }

  /** The window of the service, as many series as a job of four nodes has. */
  @Benchmark
  @OperationsPerInvocation(JOB)
  public List<Quantiles> modelOf256InJobs(Series at) {
    return at.model().forecast(at.shorter.subList(0, JOB), HORIZON);
  }

  /** All baselines on the same, the season found for each. */
  @Benchmark
  @OperationsPerInvocation(JOB)
  public void baselinesOf256InJobs(Series at, Blackhole out) {
    for (int i = 1; i < at.forecasters.all().size(); i++) {
      out.consume(at.forecasters.all().get(i).forecast(at.shorter.subList(0, JOB), HORIZON));
    }
  }

  /** A detector on its way. */
  @State(Scope.Benchmark)
  public static class Scored {
    private final Random random = new Random(1);
    private final AnomalyDetector.Scorer foresplit = new ForesplitDetector().start();
    private final AnomalyDetector.Scorer forest = new RandomCutForestDetector(1, 1).start();
    private long count;

    private double next() {
      return Math.sin(count++ * Math.PI / 144) + 0.3 * random.nextGaussian();
    }
  }

  @Benchmark
  public double scoredByForesplit(Scored at) {
    return at.foresplit.next(at.next());
  }

  @Benchmark
  public double scoredByRandomCutForest(Scored at) {
    return at.forest.next(at.next());
  }

  /** Runs each in a JVM of its own. */
  @Test
  void run() throws RunnerException {
    // not on the command line, which must not be long where a model is loaded
    System.setProperty("jmh.separateClasspathJAR", "true");
    new Runner(
            new OptionsBuilder()
                .include(ForecastBenchmark.class.getSimpleName())
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
