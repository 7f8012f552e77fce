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
        for (long step = 0; step < 8; step++) {
          expected.add(wholeStep(whole, step));
        }
      }
      for (int cut = 1; cut < layers; cut++) {
        try (SegmentTrainer front = trainer(model, optimiser);
            SegmentTrainer back = trainer(model, optimiser)) {
          front.initialise(0, cut - 1);
          back.initialise(cut, layers - 1);
          List<Double> losses = new ArrayList<>();
          for (long step = 0; step < 8; step++) {
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

  /** The gradient is read off a plain step of size one: weights before less weights after. */
  @ParameterizedTest
  @ValueSource(strings = {"mlp", "lenet", "rescnn"})
  void gradientsAgreeWithFiniteDifferences(String model) {
    int layers = ModelDefinition.named(model).layers().size();
    Optimiser plain = new SgdMomentum(1, 0);
    for (int layer = 0; layer < layers; layer++) {
      if (ModelDefinition.named(model).layers().get(layer).parameters().isEmpty()) {
        continue;
      }
      String name = ModelDefinition.named(model).layers().get(layer).parameters().get(0).name();
      try (SegmentTrainer trainer = trainer(model, plain)) {
        trainer.initialise(0, layers - 1);
        List<LayerState> start = trainer.export(0, layers - 1);
        wholeStep(trainer, 0);
        float[] before = start.get(layer).arrays().get(name).data();
        float[] after = trainer.export(layer, layer).get(0).arrays().get(name).data();
        int largest = 0;
        for (int i = 0; i < before.length; i++) {
          if (Math.abs(before[i] - after[i]) > Math.abs(before[largest] - after[largest])) {
            largest = i;
          }
        }
        double gradient = before[largest] - after[largest];
        float h = 1e-2f;
        double up = lossWith(trainer, start, layer, name, largest, h);
        double down = lossWith(trainer, start, layer, name, largest, -h);
        assertThat((up - down) / (2 * h))
            .as("%s layer %d", model, layer)
            .isCloseTo(gradient, within(0.08 * Math.abs(gradient) + 1e-3));
      }
    }
  }

  private double lossWith(
      SegmentTrainer trainer,
      List<LayerState> start,
      int layer,
      String name,
      int element,
      float change) {
    List<LayerState> changed = new ArrayList<>(start);
    TreeMap<String, Tensor> arrays = new TreeMap<>(start.get(layer).arrays());
    float[] values = arrays.get(name).data().clone();
    values[element] += change;
    arrays.put(name, new Tensor(values, arrays.get(name).shape()));
    changed.set(layer, new LayerState(layer, 0, arrays));
    trainer.install(changed);
    return wholeStep(trainer, 0);
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
      assertThat(grown).isLessThan(96 * 1024L);
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

  @Test
  void aDamagedStateIsRefused() {
    try (SegmentTrainer trainer = trainer("mlp", SGD)) {
      trainer.initialise(0, 2);
      byte[] bytes = trainer.export(0, 0).get(0).encode();
      assertThatThrownBy(() -> LayerState.decode(java.util.Arrays.copyOf(bytes, 100)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not a layer state");
      bytes[0] ^= 1;
      assertThatThrownBy(() -> LayerState.decode(bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("FSL1");
    }
  }
}
