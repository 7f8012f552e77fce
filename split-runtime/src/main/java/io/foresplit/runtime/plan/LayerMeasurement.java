package io.foresplit.runtime.plan;

import io.foresplit.contract.LayerProfile;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.SegmentTrainer;
import io.foresplit.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Measures the layers of a project model with the trainer that trains it: each layer alone,
 * forward, backward and update on its real input, the median over repetitions after warm-up. The
 * kept activation is taken to be as large as the output, which is less than what a block of several
 * operations keeps. Not thread-safe, as the trainer.
 *
 * @param warmUp steps that do not count, at least 0
 * @param repetitions steps that count, at least 1
 */
public record LayerMeasurement(
    Optimiser optimiser, int warmUp, int repetitions, LongSupplier nanoTime) {
  private static final long SEED = 1;
  private static final double NANOS = 1e-9;

  public LayerMeasurement {
    if (warmUp < 0 || repetitions < 1) {
      throw new IllegalArgumentException(
          "warm-up must be at least 0 and repetitions at least 1, were "
              + warmUp
              + " and "
              + repetitions);
    }
  }

  /**
   * The profile of a model for mini-batches like the one given.
   *
   * @param batch input of the first layer, batch first
   * @param labels of the batch
   */
  public ModelGraph measure(ModelDefinition model, Tensor batch, int[] labels) {
    List<LayerProfile> declared = model.profile(Math.toIntExact(batch.shape()[0]));
    int moments = optimiser instanceof Optimiser.Adam ? 2 : 1;
    List<Layer> layers = new ArrayList<>();
    Tensor input = batch;
    for (int i = 0; i < declared.size(); i++) {
      LayerProfile layer = declared.get(i);
      boolean last = i == declared.size() - 1;
      double[] forward = new double[repetitions];
      double[] backward = new double[repetitions];
      try (SegmentTrainer trainer = new SegmentTrainer(model, optimiser, SEED, nanoTime)) {
        trainer.initialise(i, i);
        Tensor output = input;
        for (int step = -warmUp; step < repetitions; step++) {
          SegmentTrainer.Forward run = trainer.forward(input);
          long back =
              last
                  ? trainer.lossAndBackward(labels).nanos()
                  : trainer.backward(gradient(run.output())).nanos();
          if (step < 1 - warmUp) {
            output = run.output();
          }
          if (step >= 0) {
            forward[step] = run.nanos() * NANOS;
            backward[step] = back * NANOS;
          }
        }
        input = output;
      }
      layers.add(
          new Layer(
              layer.name(),
              "",
              i == 0 ? List.of() : List.of(i - 1),
              median(forward),
              median(backward),
              new LayerBytes(
                  layer.outputBytes(),
                  layer.outputBytes(),
                  layer.parameterBytes(),
                  moments * layer.parameterBytes(),
                  layer.outputBytes()),
              i == 0,
              last));
    }
    return new ModelGraph(model.name(), layers);
  }

  /** Small, so that weights stay as they are in kind. */
  private static Tensor gradient(Tensor output) {
    float[] values = new float[output.data().length];
    Arrays.fill(values, 1e-6f);
    return new Tensor(values, output.shape());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
