package io.foresplit.runtime.tensor;

import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Datasets;
import io.foresplit.runtime.data.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Models with every new kind of layer, so small that all can be tried with them. */
final class TinyModels {
  static final int BATCH = 3;

  private TinyModels() {}

  static ModelDefinition named(String name) {
    return switch (name) {
      case "tiny-resnet18" -> Models.resnet18(name, SampleShape.of(2, 9, 9), 4);
      case "tiny-transformer" -> Models.transformer(name, 6, 8, 2, 2);
      default -> ModelDefinition.named(name);
    };
  }

  static SegmentTrainer trainer(ModelDefinition model, Optimiser optimiser) {
    return new SegmentTrainer(model, optimiser, 5, System::nanoTime);
  }

  static SegmentTrainer whole(ModelDefinition model, Optimiser optimiser) {
    SegmentTrainer trainer = trainer(model, optimiser);
    trainer.initialise(0, model.layers().size() - 1);
    return trainer;
  }

  static Dataset data(ModelDefinition model) {
    return Datasets.few(model, 200);
  }

  /** Different samples at each step. */
  static int[] indices(Dataset data, int batch, long step) {
    return IntStream.range(0, batch).map(i -> (int) (step * batch + i) % data.size()).toArray();
  }

  static double step(SegmentTrainer whole, Dataset data, int[] indices) {
    SegmentTrainer.Forward unused = whole.forward(data.batch(indices));
    return whole.lossAndBackward(data.labels(indices)).loss();
  }

  /** The output, changing nothing. */
  static Tensor output(SegmentTrainer segment, Tensor input) {
    Tensor output = segment.forward(input).output();
    segment.abandonStep();
    return output;
  }

  /** Loss in double precision, so that differences of losses are exact enough. */
  static double loss(SegmentTrainer segment, Tensor input, int[] labels) {
    Dataset one =
        new Dataset() {
          @Override
          public String description() {
            return "one batch";
          }

          @Override
          public int size() {
            return (int) input.shape()[0];
          }

          @Override
          public Tensor batch(int[] indices) {
            return input;
          }

          @Override
          public int[] labels(int[] indices) {
            return labels;
          }
        };
    return Evaluation.of(x -> output(segment, x), one, one.size(), one.size()).loss();
  }

  /** States far from where training starts, so that every part of a layer matters. */
  static List<LayerState> shaken(ModelDefinition model, List<LayerState> states) {
    SplittableRandom random = new SplittableRandom(17);
    List<LayerState> shaken = new ArrayList<>();
    for (LayerState state : states) {
      TreeMap<String, Tensor> arrays = new TreeMap<>(state.arrays());
      for (Parameter parameter : model.layers().get(state.layer()).parameters()) {
        Tensor old = state.arrays().get(parameter.name());
        float[] values = old.data().clone();
        for (int i = 0; i < values.length; i++) {
          values[i] += (float) (0.3 * random.nextGaussian());
        }
        arrays.put(parameter.name(), new Tensor(values, old.shape()));
      }
      shaken.add(new LayerState(state.layer(), state.steps(), arrays));
    }
    return shaken;
  }
}
