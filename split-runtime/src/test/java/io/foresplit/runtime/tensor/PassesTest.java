package io.foresplit.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Datasets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A step of several passes on real tensors. */
class PassesTest {
  private static final ModelDefinition MODEL = ModelDefinition.named("lenet");
  private static final int BATCH = 8;
  private static final Dataset DATA = Datasets.few(MODEL, BATCH);
  private static final SortedMap<Integer, Integer> HALVES = new TreeMap<>(Map.of(0, 4, 1, 4));

  @Test
  void microBatchesTrainLikeTheWholeBatch() {
    try (SegmentTrainer whole = trainer();
        SegmentTrainer parts = trainer()) {
      for (int step = 0; step < 3; step++) {
        whole.forward(DATA.batch(range(0, BATCH)));
        double expected = whole.lossAndBackward(DATA.labels(range(0, BATCH))).loss();
        parts.forward(0, DATA.batch(range(0, 4)));
        parts.forward(1, DATA.batch(range(4, 8)));
        double first = parts.lossAndBackward(0, DATA.labels(range(0, 4))).loss();
        double second = parts.lossAndBackward(1, DATA.labels(range(4, 8))).loss();
        parts.update(HALVES);
        assertThat((first + second) / 2).isCloseTo(expected, within(1e-5));
      }
      float[] expected = weights(whole);
      float[] actual = weights(parts);
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
      }
    }
  }

  @Test
  void theOrderOfPassesChangesNoBit() {
    try (SegmentTrainer one = trainer();
        SegmentTrainer other = trainer()) {
      for (List<Integer> order : List.of(List.of(0, 1, 2), List.of(2, 0, 1))) {
        SegmentTrainer trainer = order.get(0) == 0 ? one : other;
        for (int pass : order) {
          trainer.forward(pass, DATA.batch(range(2 * pass, 2 * pass + 2)));
        }
        for (int i = 0; i < 3; i++) {
          int pass = order.get((i + 1) % 3);
          trainer.lossAndBackward(pass, DATA.labels(range(2 * pass, 2 * pass + 2)));
        }
        trainer.update(new TreeMap<>(Map.of(0, 2, 1, 2, 2, 2)));
      }
      assertThat(Arrays.equals(weights(one), weights(other))).isTrue();
    }
  }

  @Test
  void aDroppedPassLeavesNoTrace() {
    try (SegmentTrainer one = trainer();
        SegmentTrainer other = trainer()) {
      one.forward(DATA.batch(range(0, 4)));
      one.lossAndBackward(DATA.labels(range(0, 4)));
      other.forward(1, DATA.batch(range(4, 8)));
      other.forward(0, DATA.batch(range(0, 4)));
      other.lossAndBackward(1, DATA.labels(range(4, 8)));
      other.drop(1);
      other.lossAndBackward(0, DATA.labels(range(0, 4)));
      other.update(new TreeMap<>(Map.of(0, 4)));
      assertThat(Arrays.equals(weights(one), weights(other))).isTrue();
    }
  }

  @Test
  void aStepIsNotEndedWhilePassesAreOpenOrMissing() {
    try (SegmentTrainer trainer = trainer()) {
      trainer.forward(0, DATA.batch(range(0, 4)));
      assertThatThrownBy(() -> trainer.update(HALVES)).hasMessageContaining("a step is open");
      trainer.lossAndBackward(0, DATA.labels(range(0, 4)));
      assertThatThrownBy(() -> trainer.update(HALVES))
          .hasMessage("expected gradients of passes [0, 1], was [0]");
    }
  }

  private static float[] weights(SegmentTrainer trainer) {
    return trainer.export(0, 0).get(0).arrays().get("weight").data();
  }

  private static SegmentTrainer trainer() {
    SegmentTrainer trainer =
        new SegmentTrainer(MODEL, new Optimiser.SgdMomentum(0.05, 0.9), 3, () -> 0);
    trainer.initialise(0, MODEL.layers().size() - 1);
    return trainer;
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }
}
