package io.foresplit.app.bench;

import io.foresplit.contract.LayerProfile;
import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Datasets;
import io.foresplit.runtime.data.Evaluation;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.SegmentTrainer;
import io.foresplit.runtime.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Trains whole models on one thread, unpaced, and judges them by data they were not trained on.
 *
 * @param seed of weights, order of samples and drawn data
 * @param nanoTime monotonic
 */
record ModelsBench(long seed, int heldOutSamples, LongSupplier nanoTime) {
  /** How a model is trained. */
  record Recipe(String model, int steps, int batchSize, Optimiser optimiser) {
    Recipe withSteps(int other) {
      return new Recipe(model, other, batchSize, optimiser);
    }
  }

  /**
   * What came of it.
   *
   * @param parameters how many
   * @param seconds of the steps alone, without judging
   * @param trainingLoss mean of the last tenth of the steps, nats
   * @param heldOutLoss nats for a label
   * @param heldOutAccuracy share of the labels
   */
  record Outcome(
      String model,
      String dataset,
      long parameters,
      int batchSize,
      int steps,
      double seconds,
      double trainingLoss,
      double firstHeldOutLoss,
      double heldOutLoss,
      double heldOutAccuracy) {}

  /** Modest trainings, minutes on one core. */
  static List<Recipe> recipes() {
    return List.of(
        new Recipe("mlp", 2_000, 32, new Optimiser.SgdMomentum(0.02, 0.9)),
        new Recipe("lenet", 2_000, 32, new Optimiser.SgdMomentum(0.02, 0.9)),
        new Recipe("resnet18-narrow", 600, 32, new Optimiser.SgdMomentum(0.02, 0.9)),
        new Recipe("resnet18", 150, 32, new Optimiser.SgdMomentum(0.02, 0.9)),
        new Recipe("transformer", 1_500, 16, new Optimiser.Adam(1e-3, 0.9, 0.999, 1e-8)));
  }

  /**
   * Trains one model from scratch.
   *
   * @param path see {@link Datasets#open}
   */
  Outcome train(Recipe recipe, Optional<Path> path) throws IOException {
    ModelDefinition model = ModelDefinition.named(recipe.model());
    Dataset data = Datasets.open(model, path, seed);
    Dataset heldOut = Datasets.openHeldOut(model, path, seed);
    BatchOrder order = new BatchOrder(seed, data.size(), recipe.batchSize());
    try (SegmentTrainer trainer = new SegmentTrainer(model, recipe.optimiser(), seed, nanoTime)) {
      trainer.initialise(0, model.layers().size() - 1);
      Evaluation before = judge(trainer, heldOut, recipe.batchSize());
      int lastSteps = Math.max(1, recipe.steps() / 10);
      double sum = 0;
      long start = nanoTime.getAsLong();
      for (int step = 0; step < recipe.steps(); step++) {
        int[] indices = order.indices(step);
        SegmentTrainer.Forward unused = trainer.forward(data.batch(indices));
        double loss = trainer.lossAndBackward(data.labels(indices)).loss();
        sum += step >= recipe.steps() - lastSteps ? loss : 0;
      }
      double seconds = (nanoTime.getAsLong() - start) / 1e9;
      Evaluation after = judge(trainer, heldOut, recipe.batchSize());
      long bytes = model.profile(1).stream().mapToLong(LayerProfile::parameterBytes).sum();
      return new Outcome(
          recipe.model(),
          data.description(),
          bytes / Float.BYTES,
          recipe.batchSize(),
          recipe.steps(),
          seconds,
          sum / lastSteps,
          before.loss(),
          after.loss(),
          after.accuracy());
    }
  }

  private Evaluation judge(SegmentTrainer trainer, Dataset heldOut, int batchSize) {
    return Evaluation.of(
        batch -> {
          Tensor output = trainer.forward(batch).output();
          trainer.abandonStep();
          return output;
        },
        heldOut,
        heldOutSamples,
        batchSize);
  }
}
