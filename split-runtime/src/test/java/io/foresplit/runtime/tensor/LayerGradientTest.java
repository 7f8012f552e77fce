package io.foresplit.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.tensor.Optimiser.SgdMomentum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gradients of the layers of residual networks and transformers against differences of the loss,
 * along the gradient itself and along directions drawn at random; and what normalisation and
 * attention must not mix.
 */
class LayerGradientTest {
  /** A plain step of size one: weights before less weights after are the gradient. */
  private static final Optimiser PLAIN = new SgdMomentum(1, 0);

  private static final double STEP = 1e-3;
  private static final int DRAWN_DIRECTIONS = 3;

  private final SplittableRandom random = new SplittableRandom(11);

  @ParameterizedTest
  @ValueSource(strings = {"tiny-resnet18", "tiny-transformer"})
  void gradientsOfParametersAgreeWithDifferences(String name) {
    ModelDefinition model = TinyModels.named(name);
    Dataset data = TinyModels.data(model);
    int[] indices = TinyModels.indices(data, TinyModels.BATCH, 0);
    int last = model.layers().size() - 1;
    try (SegmentTrainer trainer = TinyModels.whole(model, PLAIN)) {
      List<LayerState> start = TinyModels.shaken(model, trainer.export(0, last));
      trainer.install(start);
      double unused = TinyModels.step(trainer, data, indices);
      List<LayerState> end = trainer.export(0, last);
      for (int layer = 0; layer <= last; layer++) {
        for (Parameter parameter : model.layers().get(layer).parameters()) {
          float[] before = start.get(layer).arrays().get(parameter.name()).data();
          float[] after = end.get(layer).arrays().get(parameter.name()).data();
          double[] gradient = new double[before.length];
          Arrays.setAll(gradient, i -> (double) before[i] - after[i]);
          int at = layer;
          compare(
              name + " " + model.layers().get(layer).name() + " " + parameter.name(),
              gradient,
              direction -> {
                trainer.install(moved(start, at, parameter.name(), direction));
                return TinyModels.loss(trainer, data.batch(indices), data.labels(indices));
              });
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-resnet18", "tiny-transformer"})
  void gradientsOfInputsAgreeWithDifferences(String name) {
    ModelDefinition model = TinyModels.named(name);
    Dataset data = TinyModels.data(model);
    int[] indices = TinyModels.indices(data, TinyModels.BATCH, 0);
    int[] labels = data.labels(indices);
    int last = model.layers().size() - 1;
    try (SegmentTrainer whole = TinyModels.whole(model, PLAIN);
        SegmentTrainer front = TinyModels.trainer(model, PLAIN);
        SegmentTrainer back = TinyModels.trainer(model, PLAIN)) {
      List<LayerState> start = TinyModels.shaken(model, whole.export(0, last));
      for (int cut = 1; cut <= last; cut++) {
        front.retain(-1, -1);
        front.install(start.subList(0, cut));
        back.retain(-1, -1);
        back.install(start.subList(cut, last + 1));
        Tensor input = TinyModels.output(front, data.batch(indices));
        SegmentTrainer.Forward unused = back.forward(input);
        float[] found = back.lossAndBackward(labels).inputGradient().data();
        back.install(start.subList(cut, last + 1));
        double[] gradient = new double[found.length];
        Arrays.setAll(gradient, i -> found[i]);
        compare(
            name + " cut at " + cut,
            gradient,
            direction -> TinyModels.loss(back, plus(input, direction), labels));
      }
    }
  }

  private interface Loss {
    /**
     * @param direction what is added
     */
    double along(double[] direction);
  }

  private void compare(String what, double[] gradient, Loss loss) {
    double norm = norm(gradient);
    for (int i = 0; i <= DRAWN_DIRECTIONS; i++) {
      double[] direction = i == 0 ? gradient.clone() : drawn(gradient.length);
      double length = norm(direction);
      Arrays.setAll(direction, k -> direction[k] / length);
      double expected = 0;
      for (int k = 0; k < direction.length; k++) {
        expected += gradient[k] * direction[k];
      }
      double up = loss.along(scaled(direction, STEP));
      double down = loss.along(scaled(direction, -STEP));
      assertThat((up - down) / (2 * STEP))
          .as("%s, direction %d, gradient of length %.4g", what, i, norm)
          .isCloseTo(expected, within(0.03 * norm + 1e-4));
    }
  }

  private double[] drawn(int length) {
    double[] direction = new double[length];
    Arrays.setAll(direction, i -> random.nextGaussian());
    return direction;
  }

  private static double[] scaled(double[] values, double factor) {
    return Arrays.stream(values).map(v -> factor * v).toArray();
  }

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
  }

  private static Tensor plus(Tensor tensor, double[] direction) {
    float[] values = tensor.data().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] + direction[i]);
    }
    return new Tensor(values, tensor.shape());
  }

  private static List<LayerState> moved(
      List<LayerState> start, int layer, String name, double[] direction) {
    TreeMap<String, Tensor> arrays = new TreeMap<>(start.get(layer).arrays());
    arrays.put(name, plus(arrays.get(name), direction));
    List<LayerState> moved = new ArrayList<>(start);
    moved.set(layer, new LayerState(layer, 0, arrays));
    return moved;
  }

  /** Group normalisation looks at one sample alone, so micro-batches give what the batch gives. */
  @Test
  void aSampleOfAResidualNetworkDoesNotDependOnTheRestOfItsBatch() {
    ModelDefinition model = TinyModels.named("tiny-resnet18");
    Dataset data = TinyModels.data(model);
    try (SegmentTrainer trainer = TinyModels.whole(model, PLAIN)) {
      trainer.install(TinyModels.shaken(model, trainer.export(0, model.layers().size() - 1)));
      float[] together = TinyModels.output(trainer, data.batch(new int[] {4, 5, 6})).data();
      float[] alone = TinyModels.output(trainer, data.batch(new int[] {5})).data();
      for (int i = 0; i < alone.length; i++) {
        assertThat(together[alone.length + i]).isCloseTo(alone[i], within(1e-4f));
      }
    }
  }

  @Test
  void groupsDivideTheChannels() {
    for (int channels = 1; channels <= 512; channels++) {
      assertThat(channels % LayerMath.groups(channels)).isZero();
    }
    assertThat(LayerMath.groups(64)).isEqualTo(16);
    assertThat(LayerMath.groups(512)).isEqualTo(32);
  }

  @Test
  void attentionSeesNothingOfTheFuture() {
    ModelDefinition model = TinyModels.named("tiny-transformer");
    try (SegmentTrainer trainer = TinyModels.whole(model, PLAIN)) {
      trainer.install(TinyModels.shaken(model, trainer.export(0, model.layers().size() - 1)));
      long[] shape = {1, 6};
      float[] one = TinyModels.output(trainer, text(shape, 5, 9, 3, 40, 8, 1)).data();
      float[] other = TinyModels.output(trainer, text(shape, 5, 9, 3, 41, 2, 7)).data();
      int classes = model.classes();
      assertThat(Arrays.copyOf(other, 3 * classes)).isEqualTo(Arrays.copyOf(one, 3 * classes));
      for (int position = 3; position < 6; position++) {
        assertThat(Arrays.copyOfRange(other, position * classes, (position + 1) * classes))
            .isNotEqualTo(Arrays.copyOfRange(one, position * classes, (position + 1) * classes));
      }
      // and the past matters
      float[] past = TinyModels.output(trainer, text(shape, 6, 9, 3, 40, 8, 1)).data();
      assertThat(Arrays.copyOfRange(past, 5 * classes, 6 * classes))
          .isNotEqualTo(Arrays.copyOfRange(one, 5 * classes, 6 * classes));
    }
  }

  private static Tensor text(long[] shape, float... symbols) {
    return new Tensor(symbols, shape);
  }
}
