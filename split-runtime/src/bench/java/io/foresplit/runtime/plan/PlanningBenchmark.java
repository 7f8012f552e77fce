package io.foresplit.runtime.plan;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jgrapht.alg.flow.BoykovKolmogorovMFImpl;
import org.jgrapht.alg.flow.DinicMFImpl;
import org.jgrapht.alg.flow.EdmondsKarpMFImpl;
import org.jgrapht.alg.flow.PushRelabelMFImpl;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Time of one plan, from request to priced placement. Figures are in {@code docs/planning.md}. */
public class PlanningBenchmark {
  /** One planner and one request. */
  @State(Scope.Benchmark)
  public static class Planning {
    @Param({"resnet50", "densenet121"})
    public String model;

    @Param({"2", "3"})
    public int tiers;

    @Param({"push-relabel", "boykov-kolmogorov", "dinic", "edmonds-karp"})
    public String flow;

    @Param({"whole", "contracted"})
    public String graph;

    private DagCutPlanner planner;
    private SplitRequest request;

    @Setup
    public void start() {
      MinimumCut solver =
          switch (flow) {
            case "push-relabel" -> new MinimumCut(PushRelabelMFImpl::new);
            case "boykov-kolmogorov" -> new MinimumCut(BoykovKolmogorovMFImpl::new);
            case "dinic" -> new MinimumCut(DinicMFImpl::new);
            default -> new MinimumCut(EdmondsKarpMFImpl::new);
          };
      planner =
          new DagCutPlanner(
              shape(model), solver, graph.equals("contracted"), DagCutPlanner.DEFAULT_MAX_CUTS);
      request = SplitRequest.of(ModelShapes.network(tiers));
    }
  }

  /** One model, whose blocks are to be found. */
  @State(Scope.Benchmark)
  public static class Finding {
    @Param({"resnet50", "densenet121"})
    public String model;

    private ModelGraph graph;

    @Setup
    public void start() {
      graph = shape(model);
    }
  }

  private static ModelGraph shape(String model) {
    return model.equals("resnet50") ? ModelShapes.resNet50() : ModelShapes.denseNet121();
  }

  /** Once a model. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public List<List<Integer>> blocks(Finding finding) {
    return new LayerBlocks(finding.graph, finding.graph.consumers(), new MinimumCut()).blocks();
  }

  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public SplitPlan plan(Planning planning) {
    return planning.planner.plan(planning.request);
  }

  /** Runs it in a JVM of its own. */
  @Test
  void run() throws Exception {
    new Runner(
            new OptionsBuilder()
                .include(PlanningBenchmark.class.getName())
                .param("flow", System.getProperty("flow", "push-relabel").split(","))
                .forks(1)
                .jvmArgs("-Xmx1g", "-XX:+UseSerialGC")
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(3))
                .measurementIterations(3)
                .measurementTime(TimeValue.seconds(3))
                .build())
        .run();
  }
}
