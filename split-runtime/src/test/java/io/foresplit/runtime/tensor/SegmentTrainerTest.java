package io.foresplit.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.DrawnDataset;
import io.foresplit.runtime.tensor.Optimiser.Adam;
import io.foresplit.runtime.tensor.Optimiser.SgdMomentum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training of segments: right gradients, the same whether split or not, and moved or not. */
class SegmentTrainerTest {
  private static final Optimiser SGD = new SgdMomentum(0.05, 0.9);
  private static final Optimiser ADAM = new Adam(0.001, 0.9, 0.999, 1e-8);
  private static final int BATCH = 8;
  private static final int STEPS = 20;
  private static final long SEED = 5;

  private final DrawnDataset data = new DrawnDataset(3, 1000);
  private final BatchOrder order = new BatchOrder(3, data.size(), BATCH);

  private static SegmentTrainer trainer(String model, Optimiser optimiser) {
    return new SegmentTrainer(ModelDefinition.named(model), optimiser, SEED, System::nanoTime);
  }

  private double wholeStep(SegmentTrainer whole, long step) {
    int[] indices = order.indices(step);
    whole.forward(data.batch(indices));
    return whole.lossAndBackward(data.labels(indices)).loss();
  }

  /**
   * One step over two segments in one JVM. The engine has one gradient collector, so the front
   * segment runs forward again, unchanged, before its gradient.
   */
  private double splitStep(SegmentTrainer front, SegmentTrainer back, long step) {
    int[] indices = order.indices(step);
    Tensor images = data.batch(indices);
    Tensor smashed = front.forward(images).output();
    front.abandonStep();
    back.forward(smashed);
    SegmentTrainer.Loss loss = back.lossAndBackward(data.labels(indices));
    front.forward(images);
    front.backward(loss.inputGradient());
    return loss.loss();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlp", "lenet", "rescnn"})
  void splitTrainingIsTheSameAsWholeTrainingBitForBit(String model) {
    int layers = ModelDefinition.named(model).layers().size();
    for (Optimiser optimiser : List.of(SGD, ADAM)) {
      List<Double> expected = new ArrayList<>();
      try (SegmentTrainer whole = trainer(model, optimiser)) {
        whole.initialise(0, layers - 1);
        for (long step = 0; step < STEPS; step++) {
          expected.add(wholeStep(whole, step));
        }
      }
      for (int cut = 1; cut < layers; cut++) {
        try (SegmentTrainer front = trainer(model, optimiser);
            SegmentTrainer back = trainer(model, optimiser)) {
          front.initialise(0, cut - 1);
          back.initialise(cut, layers - 1);
          List<Double> losses = new ArrayList<>();
          for (long step = 0; step < STEPS; step++) {
            losses.add(splitStep(front, back, step));
          }
          assertThat(losses).as("%s cut at %d, %s", model, cut, optimiser).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void movingLayersInTheMiddleLeavesEveryLaterLossTheSame() {
    for (Optimiser optimiser : List.of(SGD, ADAM)) {
      List<Double> expected = new ArrayList<>();
      try (SegmentTrainer whole = trainer("lenet", optimiser)) {
        whole.initialise(0, 4);
        for (long step = 0; step < 20; step++) {
          expected.add(wholeStep(whole, step));
        }
      }
      List<Double> losses = new ArrayList<>();
      try (SegmentTrainer front = trainer("lenet", optimiser);
          SegmentTrainer back = trainer("lenet", optimiser)) {
        front.initialise(0, 0);
        back.initialise(1, 4);
        for (long step = 0; step < 20; step++) {
          if (step == 10) {
            List<LayerState> moved =
                back.export(1, 2).stream().map(s -> LayerState.decode(s.encode())).toList();
            front.install(moved);
            back.retain(3, 4);
          }
          losses.add(splitStep(front, back, step));
        }
        assertThat(front.lastLayer()).isEqualTo(2);
        assertThat(back.firstLayer()).isEqualTo(3);
      }
      assertThat(losses).isEqualTo(expected);
    }
  }

  /**
   * The gradient is read off a plain step of size one: weights before less weights after. Along its
   * own direction the loss must change by its length.
   */
  @ParameterizedTest
  @ValueSource(strings = {"mlp", "lenet", "rescnn"})
  void gradientsAgreeWithFiniteDifferences(String model) {
    List<LayerDefinition> layers = ModelDefinition.named(model).layers();
    try (SegmentTrainer trainer = trainer(model, new SgdMomentum(1, 0))) {
      trainer.initialise(0, layers.size() - 1);
      List<LayerState> start = trainer.export(0, layers.size() - 1);
      wholeStep(trainer, 0);
      List<LayerState> end = trainer.export(0, layers.size() - 1);
      for (int layer = 0; layer < layers.size(); layer++) {
        for (Parameter parameter : layers.get(layer).parameters()) {
          float[] before = start.get(layer).arrays().get(parameter.name()).data();
          float[] after = end.get(layer).arrays().get(parameter.name()).data();
          double[] gradient = new double[before.length];
          double squares = 0;
          for (int i = 0; i < before.length; i++) {
            gradient[i] = before[i] - after[i];
            squares += gradient[i] * gradient[i];
          }
          double norm = Math.sqrt(squares);
          assertThat(norm).as("gradient of %s %s", layers.get(layer), parameter).isPositive();
          double h = 0.005;
          double up = lossAlong(trainer, start, layer, parameter.name(), gradient, h / norm);
          double down = lossAlong(trainer, start, layer, parameter.name(), gradient, -h / norm);
          assertThat((up - down) / (2 * h))
              .as("%s %s %s", model, layers.get(layer).name(), parameter.name())
              .isCloseTo(norm, within(0.02 * norm + 1e-4));
        }
      }
    }
  }

  private double lossAlong(
      SegmentTrainer trainer,
      List<LayerState> start,
      int layer,
      String name,
      double[] direction,
      double length) {
    List<LayerState> changed = new ArrayList<>(start);
    TreeMap<String, Tensor> arrays = new TreeMap<>(start.get(layer).arrays());
    float[] values = arrays.get(name).data().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] + length * direction[i]);
    }
    arrays.put(name, new Tensor(values, arrays.get(name).shape()));
    changed.set(layer, new LayerState(layer, 0, arrays));
    trainer.install(changed);
    return wholeStep(trainer, 0);
  }

  /** The gradient that goes to the segment before, which pooling and shortcuts pass on. */
  @ParameterizedTest
  @ValueSource(strings = {"mlp", "lenet", "rescnn"})
  void inputGradientsAgreeWithFiniteDifferences(String model) {
    int layers = ModelDefinition.named(model).layers().size();
    int[] indices = order.indices(0);
    for (int cut = 1; cut < layers; cut++) {
      try (SegmentTrainer front = trainer(model, SGD);
          SegmentTrainer back = trainer(model, SGD)) {
        front.initialise(0, cut - 1);
        back.initialise(cut, layers - 1);
        Tensor input = front.forward(data.batch(indices)).output();
        front.abandonStep();
        List<LayerState> start = back.export(cut, layers - 1);
        back.forward(input);
        float[] gradient = back.lossAndBackward(data.labels(indices)).inputGradient().data();
        double squares = 0;
        for (float g : gradient) {
          squares += g * g;
        }
        double norm = Math.sqrt(squares);
        double h = 0.005;
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
          float[] moved = input.data().clone();
          for (int i = 0; i < moved.length; i++) {
            moved[i] = (float) (moved[i] + (side == 0 ? h : -h) / norm * gradient[i]);
          }
          back.install(start);
          back.forward(new Tensor(moved, input.shape()));
          losses[side] = back.lossAndBackward(data.labels(indices)).loss();
        }
        assertThat((losses[0] - losses[1]) / (2 * h))
            .as("%s cut at %d", model, cut)
            .isCloseTo(norm, within(0.02 * norm + 1e-4));
      }
    }
  }

  @Test
  void whatDoesNotFitTheSegmentIsRefusedAndTheNextStepIsTheSame() {
    int[] indices = order.indices(0);
    Tensor images = data.batch(indices);
    double expected;
    try (SegmentTrainer untouched = trainer("lenet", SGD)) {
      untouched.initialise(0, 4);
      expected = wholeStep(untouched, 0);
    }
    try (SegmentTrainer trainer = trainer("lenet", SGD)) {
      trainer.initialise(0, 4);
      Tensor tooWide = new Tensor(new float[BATCH * 785], new long[] {BATCH, 785});
      assertThatThrownBy(() -> trainer.forward(tooWide))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer conv1 takes a batch of 1 x 28 x 28 values");
      int[] tooFew = {1};
      int[] unknown = data.labels(indices);
      unknown[3] = 10;
      for (int[] labels : List.of(tooFew, unknown)) {
        trainer.forward(images);
        assertThatThrownBy(() -> trainer.lossAndBackward(labels))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("labels");
      }
      trainer.forward(images);
      Tensor oneRow = new Tensor(new float[10], new long[] {1, 10});
      assertThatThrownBy(() -> trainer.backward(oneRow))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[8, 10], was Tensor[1, 10]");
      assertThat(wholeStep(trainer, 0)).isEqualTo(expected);
    }
  }

  @Test
  void onlyOneRunOfLayersCanBeRun() {
    try (SegmentTrainer trainer = trainer("lenet", SGD)) {
      Tensor images = data.batch(order.indices(0));
      assertThatThrownBy(() -> trainer.forward(images)).isInstanceOf(IllegalStateException.class);
      trainer.initialise(0, 0);
      trainer.initialise(2, 2);
      assertThatThrownBy(() -> trainer.forward(images))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("[0, 2]");
      trainer.retain(-1, -1);
      assertThat(trainer.firstLayer()).isEqualTo(-1);
      assertThatThrownBy(() -> trainer.initialise(4, 5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layers 0 to 4, no layer 5");
    }
  }

  @Test
  void aStateWithoutTheOptimisersMomentsIsRefused() {
    try (SegmentTrainer sgd = trainer("mlp", SGD);
        SegmentTrainer adam = trainer("mlp", ADAM)) {
      sgd.initialise(0, 2);
      LayerState state = sgd.export(1, 1).get(0);
      sgd.check(state);
      assertThatThrownBy(() -> adam.check(state))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("weight.v")
          .hasMessageContaining("was [bias, bias.momentum, weight, weight.momentum]");
    }
  }

  @Test
  void gradientsDoNotAddUpOverSteps() {
    try (SegmentTrainer trained = trainer("lenet", SGD);
        SegmentTrainer fresh = trainer("lenet", SGD)) {
      trained.initialise(0, 4);
      for (long step = 0; step < 5; step++) {
        wholeStep(trained, step);
      }
      fresh.install(trained.export(0, 4));
      int[] indices = order.indices(5);
      trained.forward(data.batch(indices));
      double norm = trained.lossAndBackward(data.labels(indices)).gradientNorm();
      fresh.forward(data.batch(indices));
      assertThat(fresh.lossAndBackward(data.labels(indices)).gradientNorm()).isEqualTo(norm);
    }
  }

  @Test
  void lossFallsOnDrawnShapes() {
    try (SegmentTrainer trainer = trainer("lenet", new SgdMomentum(0.005, 0.9))) {
      trainer.initialise(0, 4);
      double first = 0;
      double last = 0;
      for (long step = 0; step < 400; step++) {
        double loss = wholeStep(trainer, step);
        first += step < 20 ? loss / 20 : 0;
        last += step >= 380 ? loss / 20 : 0;
      }
      assertThat(last).isLessThan(first / 2);
    }
  }

  @Test
  void nativeMemoryIsFlatOverTenThousandSteps() throws IOException {
    Path status = Path.of("/proc/self/status");
    Assumptions.assumeTrue(Files.exists(status), "no /proc/self/status on this system");
    try (SegmentTrainer trainer = trainer("mlp", ADAM)) {
      trainer.initialise(0, 2);
      for (long step = 0; step < 1_000; step++) {
        wholeStep(trainer, step);
      }
      long before = residentKib(status);
      for (long step = 1_000; step < 11_000; step++) {
        wholeStep(trainer, step);
      }
      long grown = residentKib(status) - before;
      System.out.println("resident memory grew by " + grown + " KiB over 10,000 steps");
      assertThat(grown).isLessThan(64 * 1024L);
    }
  }

  private static long residentKib(Path status) throws IOException {
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aStateOfAnotherShapeIsRefusedAndNothingChanges() {
    try (SegmentTrainer trainer = trainer("lenet", SGD);
        SegmentTrainer other = trainer("mlp", SGD)) {
      trainer.initialise(0, 4);
      other.initialise(0, 2);
      List<LayerState> before = trainer.export(0, 4);
      assertThatThrownBy(() -> trainer.install(other.export(2, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("fc1");
      assertThat(trainer.export(0, 4)).isEqualTo(before);
    }
  }
}
