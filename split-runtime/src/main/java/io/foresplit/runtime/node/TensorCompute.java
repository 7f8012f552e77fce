package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Datasets;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.SegmentTrainer;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** The mathematics of a segment by {@link SegmentTrainer}. Confined to the compute thread. */
final class TensorCompute implements SegmentCompute {
  private static final int WARM_STEPS = 3;

  /** Bounds how long warming takes: large models are warmed with fewer samples. */
  private static final double WARM_FLOPS = 2e9;

  private final SegmentTrainer trainer;

  TensorCompute(SegmentTrainer trainer) {
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

  /** The data set in a folder or file, else a drawn one of the job's seed. */
  static NodeEnvironment.Datasets datasets() {
    return (job, path, seed) -> Datasets.open(ModelDefinition.named(job.model()), path, seed);
  }

  /** Trains the whole model a little and throws it away, so that code of all layers is compiled. */
  private static void warm(
      ModelDefinition model, JobSpec job, Optimiser optimiser, LongSupplier nanoTime) {
    int samples = (int) Math.max(1, Math.min(job.batchSize(), WARM_FLOPS / model.stepFlops()));
    Dataset data = Datasets.few(model, samples);
    int[] indices = IntStream.range(0, samples).toArray();
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
  public void record(Collection<LayerRun> runs) {
    trainer.record(runs);
  }

  @Override
  public Map<LayerRun, Tensor> recordedInputs() {
    return trainer.recordedInputs();
  }

  @Override
  public Map<LayerRun, Tensor> recordedGradients() {
    return trainer.recordedGradients();
  }

  @Override
  public Replica replica(List<LayerState> states) {
    return new TensorReplica(trainer.replica(states));
  }

  @Override
  public void adopt(Replica replica) {
    if (!(replica instanceof TensorReplica tensors)) {
      throw new IllegalArgumentException("a replica is adopted by what made it");
    }
    trainer.adopt(tensors.trainer());
  }

  private record TensorReplica(SegmentTrainer trainer) implements Replica {
    @Override
    public Backward replay(Tensor input, Tensor outputGradient) {
      SegmentTrainer.Forward unused = trainer.forward(input);
      SegmentTrainer.Backward pass = trainer.backward(outputGradient);
      return new Backward(Optional.ofNullable(pass.inputGradient()), pass.gradientNorm());
    }

    @Override
    public List<LayerState> export() {
      return trainer.export(trainer.firstLayer(), trainer.lastLayer());
    }

    @Override
    public void close() {
      trainer.close();
    }
  }

  @Override
  public void abandon() {
    trainer.abandonStep();
  }

  @Override
  public Output forward(int pass, Tensor input) {
    SegmentTrainer.Forward done = trainer.forward(pass, input);
    return new Output(done.output(), done.activationMean(), done.activationVariance());
  }

  @Override
  public Optional<Tensor> backward(int pass, Tensor outputGradient) {
    return Optional.ofNullable(trainer.backward(pass, outputGradient));
  }

  @Override
  public Loss lossAndBackward(int pass, int[] labels) {
    SegmentTrainer.PassLoss done = trainer.lossAndBackward(pass, labels);
    return new Loss(done.loss(), Optional.ofNullable(done.inputGradient()));
  }

  @Override
  public double update(SortedMap<Integer, Integer> samples) {
    return trainer.update(samples);
  }

  @Override
  public void drop(int pass) {
    trainer.drop(pass);
  }

  @Override
  public void close() {
    trainer.close();
  }
}
