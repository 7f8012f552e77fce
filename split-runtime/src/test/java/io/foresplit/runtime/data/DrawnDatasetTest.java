package io.foresplit.runtime.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawnDatasetTest {
  private static final int SIZE = 1000;
  private final DrawnDataset data = new DrawnDataset(7, SIZE);
  private final int[] all = IntStream.range(0, SIZE).toArray();

  @Test
  void anImageIsAFunctionOfSeedAndIndexAlone() {
    float[] alone = data.batch(new int[] {42}).data();
    float[] last = data.batch(new int[] {1, 999, 42}).data();
    assertThat(Arrays.copyOfRange(last, 2 * 784, 3 * 784)).isEqualTo(alone);
    assertThat(new DrawnDataset(7, SIZE).batch(new int[] {42}).data()).isEqualTo(alone);
    assertThat(new DrawnDataset(8, SIZE).batch(new int[] {42}).data()).isNotEqualTo(alone);
    assertThat(data.batch(new int[] {52}).data()).isNotEqualTo(alone);
  }

  @Test
  void classesAreAboutEquallyFrequentAndPixelsAreNormalised() {
    int[] counts = new int[10];
    for (int label : data.labels(all)) {
      counts[label]++;
    }
    assertThat(Arrays.stream(counts)).allMatch(count -> count > 80 && count < 120);
    float[] pixels = data.batch(all).data();
    double mean = IntStream.range(0, pixels.length).mapToDouble(i -> pixels[i]).average().orElse(9);
    double variance =
        IntStream.range(0, pixels.length)
            .mapToDouble(i -> (pixels[i] - mean) * (pixels[i] - mean))
            .average()
            .orElse(9);
    assertThat(mean).isCloseTo(0, within(0.3));
    assertThat(variance).isCloseTo(1, within(0.5));
  }

  @Test
  void aSampleBeyondTheSizeIsRefused() {
    assertThatThrownBy(() -> data.batch(new int[] {SIZE}))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> data.labels(new int[] {-1}))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
