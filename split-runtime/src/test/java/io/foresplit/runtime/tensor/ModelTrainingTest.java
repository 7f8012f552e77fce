package io.foresplit.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Datasets;
import io.foresplit.runtime.tensor.Optimiser.Adam;
import io.foresplit.runtime.tensor.Optimiser.SgdMomentum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Residual networks and transformers train the same whether split or not, and moved or not. */
class ModelTrainingTest {
  private static final Optimiser SGD = new SgdMomentum(0.02, 0.9);
  private static final Optimiser ADAM = new Adam(0.002, 0.9, 0.999, 1e-8);

  /** One step over two segments; see {@link SegmentTrainerTest} on why the front runs twice. */
  private static double split(
      SegmentTrainer front, SegmentTrainer back, Dataset data, int[] indices) {
    Tensor input = data.batch(indices);
    Tensor smashed = TinyModels.output(front, input);
    SegmentTrainer.Forward unused = back.forward(smashed);
    SegmentTrainer.Loss loss = back.lossAndBackward(data.labels(indices));
    SegmentTrainer.Forward unusedAgain = front.forward(input);
    SegmentTrainer.Backward ignored = front.backward(loss.inputGradient());
    return loss.loss();
  }

  private static List<Double> whole(
      ModelDefinition model, Optimiser optimiser, Dataset data, int batch, int steps) {
    List<Double> losses = new ArrayList<>();
    try (SegmentTrainer whole = TinyModels.whole(model, optimiser)) {
      for (int step = 0; step < steps; step++) {
        losses.add(TinyModels.step(whole, data, TinyModels.indices(data, batch, step)));
      }
    }
    return losses;
  }

  /** Every cut of small ones; the full ones at some, for they take seconds a step. */
  @ParameterizedTest
  @CsvSource({
    "tiny-resnet18,   4, 12, 1",
    "resnet18-narrow, 2,  3, 3",
    "resnet18,        1,  2, 6",
    "tiny-transformer,4, 12, 1",
    "transformer,     2,  4, 2",
  })
  void aCutAnywhereChangesNoLoss(String name, int batch, int steps, int everyCut) {
    ModelDefinition model = TinyModels.named(name);
    Dataset data = TinyModels.data(model);
    int layers = model.layers().size();
    for (Optimiser optimiser : List.of(SGD, ADAM)) {
      List<Double> expected = whole(model, optimiser, data, batch, steps);
      for (int cut = 1; cut < layers; cut += everyCut) {
        try (SegmentTrainer front = TinyModels.trainer(model, optimiser);
            SegmentTrainer back = TinyModels.trainer(model, optimiser)) {
          front.initialise(0, cut - 1);
          back.initialise(cut, layers - 1);
          List<Double> losses = new ArrayList<>();
          for (int step = 0; step < steps; step++) {
            losses.add(split(front, back, data, TinyModels.indices(data, batch, step)));
          }
          assertThat(losses).as("%s cut at %d, %s", name, cut, optimiser).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-resnet18", "tiny-transformer"})
  void layersThatMoveWithTheirMomentsChangeNoLaterLoss(String name) {
    ModelDefinition model = TinyModels.named(name);
    Dataset data = TinyModels.data(model);
    int last = model.layers().size() - 1;
    int steps = 16;
    for (Optimiser optimiser : List.of(SGD, ADAM)) {
      List<Double> losses = new ArrayList<>();
      try (SegmentTrainer front = TinyModels.trainer(model, optimiser);
          SegmentTrainer back = TinyModels.trainer(model, optimiser)) {
        front.initialise(0, 0);
        back.initialise(1, last);
        for (int step = 0; step < steps; step++) {
          if (step > 0 && step % 4 == 0 && front.lastLayer() + 1 < last) {
            int layer = front.lastLayer() + 1;
            LayerState before = back.export(layer, layer).get(0);
            front.install(List.of(LayerState.decode(before.encode())));
            back.retain(layer + 1, last);
            LayerState after = front.export(layer, layer).get(0);
            assertThat(after).isEqualTo(before);
            assertThat(after.sha256()).isEqualTo(before.sha256());
          }
          losses.add(split(front, back, data, TinyModels.indices(data, 4, step)));
        }
        assertThat(front.lastLayer()).isGreaterThanOrEqualTo(2);
      }
      assertThat(losses).as("%s", optimiser).isEqualTo(whole(model, optimiser, data, 4, steps));
    }
  }

  /** What the engine keeps of a forward pass is not freed, and filled anew, before the backward. */
  @ParameterizedTest
  @ValueSource(strings = {"lenet", "tiny-resnet18", "tiny-transformer"})
  void aGarbageCollectionAmidAStepChangesNoLoss(String name) {
    ModelDefinition model = TinyModels.named(name);
    Dataset data = TinyModels.data(model);
    List<Double> losses = new ArrayList<>();
    try (SegmentTrainer trainer = TinyModels.whole(model, SGD)) {
      for (int step = 0; step < 4; step++) {
        int[] indices = TinyModels.indices(data, 4, step);
        SegmentTrainer.Forward unused = trainer.forward(data.batch(indices));
        System.gc();
        List<FloatBuffer> filled =
            Stream.generate(() -> ByteBuffer.allocateDirect(64).asFloatBuffer().put(0, Float.NaN))
                .limit(5_000)
                .toList();
        losses.add(trainer.lossAndBackward(data.labels(indices)).loss());
        assertThat(filled).hasSize(5_000);
      }
    }
    assertThat(losses).isEqualTo(whole(model, SGD, data, 4, 4));
  }

  /** Held-out loss becomes less than a share of the first one, in steps of batches of 16. */
  @ParameterizedTest
  @CsvSource({
    "mlp,         600, 0.005, 0.6",
    "lenet,       400, 0.005, 0.5",
    "rescnn,      400, 0.02,  0.8",
    "transformer,  60, 0.1,   0.5",
  })
  void trainingLowersTheLossOnHeldOutData(String name, int steps, double learningRate, double share)
      throws IOException {
    ModelDefinition model = ModelDefinition.named(name);
    Dataset data = Datasets.open(model, Optional.empty(), 3);
    Dataset unseen = Datasets.openHeldOut(model, Optional.empty(), 3);
    int[] held = TinyModels.indices(unseen, 64, 0);
    BatchOrder order = new BatchOrder(3, data.size(), 16);
    try (SegmentTrainer trainer = TinyModels.whole(model, new SgdMomentum(learningRate, 0.9))) {
      double first = TinyModels.loss(trainer, unseen.batch(held), unseen.labels(held));
      for (int step = 0; step < steps; step++) {
        double unused = TinyModels.step(trainer, data, order.indices(step));
      }
      double last = TinyModels.loss(trainer, unseen.batch(held), unseen.labels(held));
      System.out.printf("%s: held-out loss %.3f to %.3f in %d steps%n", name, first, last, steps);
      assertThat(last).isLessThan(share * first);
    }
  }

  /** On the drawn images it needs minutes to get going, so here it learns a few by heart. */
  @Test
  void aResidualNetworkLearnsAFewImagesByHeart() {
    ModelDefinition model = ModelDefinition.named("resnet18-narrow");
    Dataset data = Datasets.few(model, 32);
    try (SegmentTrainer trainer = TinyModels.whole(model, ADAM)) {
      double first = TinyModels.step(trainer, data, TinyModels.indices(data, 16, 0));
      double last = first;
      for (int step = 1; step < 44; step++) {
        last = TinyModels.step(trainer, data, TinyModels.indices(data, 16, step));
      }
      System.out.printf("resnet18-narrow: loss %.3f to %.3f in 44 steps%n", first, last);
      assertThat(last).isLessThan(0.2 * first);
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny-resnet18, 700", "tiny-transformer, 2000"})
  void nativeMemoryIsFlatOverManySteps(String name, int steps) throws IOException {
    Path status = Path.of("/proc/self/status");
    Assumptions.assumeTrue(Files.exists(status), "no /proc/self/status on this system");
    ModelDefinition model = TinyModels.named(name);
    Dataset data = TinyModels.data(model);
    try (SegmentTrainer trainer = TinyModels.whole(model, ADAM)) {
      long before = 0;
      for (int step = 0; step < steps; step++) {
        if (step == steps / 4) {
          before = residentKib(status);
        }
        int[] indices = TinyModels.indices(data, 4, step);
        double unused = TinyModels.step(trainer, data, indices);
      }
      long grown = residentKib(status) - before;
      System.out.println(
          name + ": resident memory grew by " + grown + " KiB in " + steps + " steps");
      assertThat(grown).isLessThan(16 * 1024L);
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
  void aLossThatIsNotFiniteIsRefusedAndChangesNothing() {
    ModelDefinition model = TinyModels.named("tiny-transformer");
    Dataset data = TinyModels.data(model);
    int[] indices = TinyModels.indices(data, 2, 0);
    int last = model.layers().size() - 1;
    try (SegmentTrainer back = TinyModels.trainer(model, SGD)) {
      back.initialise(last, last);
      List<LayerState> before = back.export(last, last);
      float[] broken = new float[2 * 6 * 8];
      broken[3] = Float.NaN;
      SegmentTrainer.Forward unused = back.forward(new Tensor(broken, new long[] {2, 6, 8}));
      int[] labels = data.labels(indices);
      assertThatThrownBy(() -> back.lossAndBackward(labels))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("must be finite, was NaN");
      assertThat(back.export(last, last)).isEqualTo(before);
    }
  }
}
