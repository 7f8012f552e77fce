package io.foresplit.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.bench.CompressionBench.Outcome;
import io.foresplit.contract.Compression;
import io.foresplit.runtime.data.DrawnDataset;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompressionBenchTest {
  /** Of a batch of LeNet's second convolution: 16 channels of 5 × 5. */
  private static final int VALUES = CompressionBench.BATCH * 400;

  private final CompressionBench bench =
      new CompressionBench(new DrawnDataset(1, 300), new DrawnDataset(2, 100), 6, () -> 0);

  @Test
  void bytesAreOfWhatCrossesTheCut() {
    Outcome plain = bench.train(Optional.empty(), 1);
    Outcome compressed = bench.train(Optional.of(new Compression(0.1, 4)), 1);

    assertThat(plain.upBytes()).isEqualTo(4.0 * VALUES);
    assertThat(plain.downBytes()).isEqualTo(4.0 * VALUES);
    assertThat(plain.accuracy()).isEqualTo(plain.plainAccuracy()).isBetween(0.0, 1.0);
    assertThat(compressed.downBytes()).isBetween(0.5 * VALUES / 20, 1.1 * VALUES / 20);
    assertThat(compressed.upBytes()).isGreaterThan(compressed.downBytes());
    assertThat(compressed.bytes()).isLessThan(1.2 * compressed.expectedBytes());
  }

  @Test
  void aTrainingRepeats() {
    Optional<Compression> compression = Optional.of(new Compression(0.2, 6));

    assertThat(bench.train(compression, 3)).isEqualTo(bench.train(compression, 3));
  }
}
