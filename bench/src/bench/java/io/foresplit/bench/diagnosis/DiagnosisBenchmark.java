package io.foresplit.bench.diagnosis;

import io.foresplit.bench.evaluate.Stages;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.diagnoser.DiagnosisStage;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** How long a diagnosis by statistics takes, from an incident to its record. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@State(Scope.Benchmark)
public class DiagnosisBenchmark {
  @Param({"5", "200"})
  int segments;

  private DiagnosisStage stage;
  private Incident incident;

  @Setup
  public void read() {
    Stages stages = Stages.ofService();
    stage = new DiagnosisStage(stages.diagnoser(), stages.planner(), stages.learning());
    WideJob job = new WideJob(segments);
    job.log(stage::on);
    incident = job.incident();
  }

  @Benchmark
  public List<Diagnosis> diagnose() {
    return stage.on(incident);
  }

  @Test
  void measure() throws RunnerException {
    // a class path of this length on the command line ends ONNX Runtime
    System.setProperty("jmh.separateClasspathJAR", "true");
    new Runner(new OptionsBuilder().include(DiagnosisBenchmark.class.getName()).build()).run();
  }
}
