package io.foresplit.runtime.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.foresplit.contract.Compression;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparseTensorTest {
  private static final byte[] NONE = {};

  @Test
  void aShareIsRoundedUpAndIsAtLeastOne() {
    assertThat(new Compression(0.1, 4).kept(30)).isEqualTo(3);
    assertThat(new Compression(0.1, 4).kept(31)).isEqualTo(4);
    assertThat(new Compression(1e-9, 4).kept(5)).isEqualTo(1);
    assertThat(new Compression(1, 4).kept(5)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.01, Double.NaN})
  void aShareIsWithinItsBounds(double keep) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Compression(keep, 4))
        .withMessage("compression keep must be in (0, 1], was " + keep);
  }

  @Test
  void whatIsNotFiniteIsRefused() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] values = {1, bad, 2, 3};
      Mask mask = Mask.ofLargest(values, new Compression(0.25, 4));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SparseTensor.ofActivation(values, mask, 4, 1))
          .withMessage("only finite values can be compressed, kept value 0 was " + bad);
    }
  }

  @Test
  void theWidestRangeStaysFinite() {
    float[] values = {Float.MAX_VALUE, -Float.MAX_VALUE, 0, 1};
    Mask mask = Mask.ofLargest(values, new Compression(1, 3));
    for (int seed = 0; seed < 50; seed++) {
      for (float value : SparseTensor.ofActivation(values, mask, 3, seed).activation(4).values()) {
        assertThat(value).isFinite();
      }
    }
  }

  @Test
  void aBombIsRefusedBeforeItGoesOff() {
    byte[] bomb = Deflation.deflate(new byte[50 << 20]);
    Levels levels = new Levels(8, 0, 1, bomb);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SparseTensor(4, NONE, levels).activation(4))
        .withMessage("there are bytes after the levels");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SparseTensor(4, bomb, levels).activation(8))
        .withMessage("there are bytes after the positions");
  }

  @Test
  void whatIsTooMuchOrTooLittleIsRefusedInOneLine() {
    float[] values = {1, 2, 3, 4, 5, 6, 7, 8};
    Mask mask = Mask.ofLargest(values, new Compression(0.5, 4));
    SparseTensor sent = SparseTensor.ofActivation(values, mask, 4, 1);
    Levels levels = sent.levels();

    refused(
        new SparseTensor(9, sent.positions(), levels),
        8,
        "a tensor of 8 values keeps 1 to 8 of them, was 9");
    refused(
        new SparseTensor(0, sent.positions(), levels),
        8,
        "a tensor of 8 values keeps 1 to 8 of them, was 0");
    refused(new SparseTensor(5, sent.positions(), levels), 8, "positions end early");
    refused(
        new SparseTensor(3, sent.positions(), levels), 8, "there are bytes after the positions");
    refused(
        new SparseTensor(4, sent.positions(), levels),
        7,
        "positions must be below 7, number 3 was 7");
    refused(
        new SparseTensor(
            4, sent.positions(), new Levels(4, 0, 1, Arrays.copyOf(levels.coded(), 1))),
        8,
        "levels end early");
    refused(
        new SparseTensor(8, sent.positions(), levels),
        8,
        "all 8 values are kept, but there are bytes of positions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Levels(4, Float.NaN, 1, NONE))
        .withMessage("levels lie between two finite numbers, was NaN to 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Levels(17, 0, 1, NONE))
        .withMessage("levels have 1 to 16 bits, was 17");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sent.gradient(mask))
        .withMessageContaining("none of its own");
  }

  private static void refused(SparseTensor tensor, int length, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tensor.activation(length))
        .withMessage(message);
  }

  @Test
  void theSavingOfThePaperIsReached() {
    // keep 0.2 at 6 bits: 0.72 + 1.2 of 32 bits a value, 94.0 % saved
    double bytes = SparseTensor.expectedSize(100_000, new Compression(0.2, 6), true);
    assertThat(1 - bytes / 400_000).isBetween(0.9395, 0.9405);
  }
}
