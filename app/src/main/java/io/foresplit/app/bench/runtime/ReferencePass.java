package io.foresplit.app.bench.runtime;

import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Datasets;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.SegmentTrainer;
import io.foresplit.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * What the layers of a model really take here, one thread, unpaced.
 *
 * @param nanoTime monotonic
 */
record ReferencePass(ModelDefinition model, int batchSize, LongSupplier nanoTime) {
  private static final int WARM_STEPS = 10;
  private static final int STEPS = 20;
  private static final Optimiser SGD = new Optimiser.SgdMomentum(0.02, 0.9);

  /** Median seconds of forward, backward and update of each layer. */
  List<Double> seconds() {
    Dataset data = Datasets.few(model, 4 * batchSize);
    BatchOrder order = new BatchOrder(1, data.size(), batchSize);
    int layers = model.layers().size();
    List<SegmentTrainer> trainers = new ArrayList<>();
    List<List<Double>> seconds = new ArrayList<>();
    try {
      for (int layer = 0; layer < layers; layer++) {
        SegmentTrainer trainer = new SegmentTrainer(model, SGD, 1, nanoTime);
        trainers.add(trainer);
        trainer.initialise(layer, layer);
        seconds.add(new ArrayList<>());
      }
      for (int step = 0; step < WARM_STEPS + STEPS; step++) {
        long[] nanos = step(trainers, data, order.indices(step));
        for (int layer = 0; step >= WARM_STEPS && layer < layers; layer++) {
          seconds.get(layer).add(nanos[layer] / 1e9);
        }
      }
    } finally {
      trainers.forEach(SegmentTrainer::close);
    }
    return seconds.stream().map(values -> Spread.of(values).median()).toList();
  }

  private static long[] step(List<SegmentTrainer> trainers, Dataset data, int[] indices) {
    int last = trainers.size() - 1;
    long[] nanos = new long[trainers.size()];
    Tensor activation = data.batch(indices);
    for (int layer = 0; layer <= last; layer++) {
      SegmentTrainer.Forward forward = trainers.get(layer).forward(activation);
      nanos[layer] += forward.nanos();
      activation = forward.output();
    }
    SegmentTrainer.Loss loss = trainers.get(last).lossAndBackward(data.labels(indices));
    nanos[last] += loss.nanos();
    Tensor gradient = loss.inputGradient();
    for (int layer = last - 1; layer >= 0; layer--) {
      SegmentTrainer.Backward backward =
          trainers.get(layer).backward(Objects.requireNonNull(gradient, "gradient of a layer"));
      nanos[layer] += backward.nanos();
      gradient = backward.inputGradient();
    }
    return nanos;
  }
}
