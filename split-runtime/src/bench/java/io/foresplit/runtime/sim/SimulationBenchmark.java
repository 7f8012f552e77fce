package io.foresplit.runtime.sim;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Virtual seconds a second: how many times faster than real time a chain is simulated, with usual
 * noise and reports each 0.5 s. Figures are in {@code docs/simulation.md}.
 */
public class SimulationBenchmark {
  private static final int VIRTUAL_SECONDS = 500;

  /** A job that has begun; it goes on from one measurement to the next. */
  @State(Scope.Benchmark)
  public static class Chain {
    @Param({"3", "5", "7", "9"})
    public int segments;

    private SimulatedRuntime runtime;

    @Setup
    public void begin() {
      runtime =
          new SimulatedRuntime(
              Simulation.of(
                  SimulationSpeedTest.chain(segments), SimulationSpeedTest.spread(segments), 1));
    }
  }

  @Benchmark
  @BenchmarkMode(Mode.Throughput)
  @OutputTimeUnit(TimeUnit.SECONDS)
  @OperationsPerInvocation(VIRTUAL_SECONDS)
  public int virtualSeconds(Chain chain) {
    double end = chain.runtime.nowSeconds() + VIRTUAL_SECONDS;
    int reports = 0;
    while (chain.runtime.nowSeconds() < end) {
      reports += chain.runtime.nextInterval().reports().size();
    }
    return reports;
  }

  /** Runs it in a JVM of its own. */
  @Test
  void run() throws Exception {
    new Runner(
            new OptionsBuilder()
                .include(SimulationBenchmark.class.getName())
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
