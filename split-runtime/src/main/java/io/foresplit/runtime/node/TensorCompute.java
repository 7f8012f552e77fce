package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.DrawnDataset;
import io.foresplit.runtime.data.FashionMnist;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.SegmentTrainer;
import io.foresplit.runtime.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The mathematics of a segment by {@link SegmentTrainer}. Confined to the compute thread. */
final class TensorCompute implements SegmentCompute {
  private static final int DRAWN_SAMPLES = 20_000;
  private static final int WARM_STEPS = 3;

  private final SegmentTrainer trainer;

  private TensorCompute(SegmentTrainer trainer) {
    this.trainer = trainer;
  }

  /** Real tensors, warmed up: the first steps of a training are as fast as later ones. */
  static NodeEnvironment.Computes computes(LongSupplier nanoTime) {
    return (job, optimiser, seed) -> {
      ModelDefinition model = ModelDefinition.named(job.model());
      warm(model, job, optimiser, nanoTime);
      return new TensorCompute(new SegmentTrainer(model, optimiser, seed, nanoTime));
    };
  }

  /** Fashion-MNIST where there is a folder of it, else a drawn data set of the job's seed. */
  static NodeEnvironment.Datasets datasets() {
    return (folder, seed) ->
        folder.isPresent()
            ? FashionMnist.load(folder.get())
            : new DrawnDataset(seed, DRAWN_SAMPLES);
  }

  /** Trains the whole model a little and throws it away, so that code of all layers is compiled. */
  private static void warm(
      ModelDefinition model, JobSpec job, Optimiser optimiser, LongSupplier nanoTime) {
    Dataset data = new DrawnDataset(0, job.batchSize());
    int[] indices = new int[job.batchSize()];
    try (SegmentTrainer trainer = new SegmentTrainer(model, optimiser, 0, nanoTime)) {
      trainer.initialise(0, model.layers().size() - 1);
      for (int i = 0; i < WARM_STEPS; i++) {
        SegmentTrainer.Forward unused = trainer.forward(data.batch(indices));
        SegmentTrainer.Loss ignored = trainer.lossAndBackward(data.labels(indices));
      }
    }
  }

  @Override
  public void initialise(int firstLayer, int lastLayer) {
    trainer.initialise(firstLayer, lastLayer);
  }

  @Override
  public void check(LayerState state) {
    trainer.check(state);
  }

  @Override
  public void install(List<LayerState> states) {
    trainer.install(states);
  }

  @Override
  public void retain(int firstLayer, int lastLayer) {
    trainer.retain(firstLayer, lastLayer);
  }

  @Override
  public List<LayerState> export(int firstLayer, int lastLayer) {
    return trainer.export(firstLayer, lastLayer);
  }

  @Override
  public Output forward(Tensor input) {
    SegmentTrainer.Forward pass = trainer.forward(input);
    return new Output(pass.output(), pass.activationMean(), pass.activationVariance());
  }

  @Override
  public Backward backward(Tensor outputGradient) {
    SegmentTrainer.Backward pass = trainer.backward(outputGradient);
    return new Backward(Optional.ofNullable(pass.inputGradient()), pass.gradientNorm());
  }

  @Override
  public Loss lossAndBackward(int[] labels) {
    SegmentTrainer.Loss pass = trainer.lossAndBackward(labels);
    return new Loss(
        pass.loss(), new Backward(Optional.ofNullable(pass.inputGradient()), pass.gradientNorm()));
  }

  @Override
  public void close() {
    trainer.close();
  }
}
