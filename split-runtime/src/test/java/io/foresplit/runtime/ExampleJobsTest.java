package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.runtime.coordinator.MovePolicy;
import io.foresplit.runtime.data.DrawnDataset;
import io.foresplit.runtime.node.TensorComputes;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The job files of the repository train, with real tensors over gRPC. */
class ExampleJobsTest {
  private static final Path EXAMPLES = Path.of("..", "deploy", "jobs");
  private static final int STEPS = 25;

  @TempDir Path data;

  @ParameterizedTest
  @ValueSource(strings = {"sequential", "parallel", "split-federated", "u-shaped", "pipeline"})
  void anExampleTrains(String name) throws Exception {
    JobFile file =
        JobFile.read(
            EXAMPLES.resolve(name + ".yaml"),
            (model, batch) -> ModelDefinition.named(model).profile(batch));
    JobSpec job = file.job();
    Cluster.Setup setup =
        new Cluster.Setup(
            job,
            file.placement().orElseThrow(),
            new Optimiser.SgdMomentum(file.optimiser().learningRate(), 0.9),
            MovePolicy.standard(),
            Duration.ofSeconds(10),
            node -> TensorComputes.of(ModelDefinition.named(job.model())),
            (spec, path, seed) -> new DrawnDataset(seed, 3_000),
            options -> options);
    try (Cluster cluster = Cluster.start(data, setup)) {
      List<TrainingProgress.Step> log =
          cluster.await(progress -> progress.steps() >= STEPS, 120).log();

      assertThat(log).allMatch(step -> Double.isFinite(step.loss()));
      // the second turn begins with a client that has other labels
      int last = job.scheme().turnSteps() > 0 ? job.scheme().turnSteps() : STEPS;
      assertThat(mean(log, last - 5, last)).isLessThan(mean(log, 0, 5));
      if (job.scheme().averageEvery() + job.scheme().turnSteps() > 0) {
        assertThat(log).anyMatch(step -> step.modelBytes() > 0);
      }
    }
  }

  private static double mean(List<TrainingProgress.Step> log, int from, int to) {
    return log.subList(from, to).stream()
        .mapToDouble(TrainingProgress.Step::loss)
        .average()
        .orElseThrow();
  }
}
