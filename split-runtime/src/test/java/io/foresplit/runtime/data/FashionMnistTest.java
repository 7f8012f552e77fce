package io.foresplit.runtime.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistTest {
  private static final String IMAGES = "train-images-idx3-ubyte";
  private static final String LABELS = "train-labels-idx1-ubyte";

  @TempDir Path folder;

  private static byte[] images(int announced, int present) {
    ByteBuffer bytes = ByteBuffer.allocate(16 + present * 784);
    bytes.putInt(0x803).putInt(announced).putInt(28).putInt(28);
    for (int i = 0; i < present; i++) {
      byte[] image = new byte[784];
      Arrays.fill(image, (byte) (255 * i));
      bytes.put(image);
    }
    return bytes.array();
  }

  private static byte[] labels(int... labels) {
    ByteBuffer bytes = ByteBuffer.allocate(8 + labels.length);
    bytes.putInt(0x801).putInt(labels.length);
    for (int label : labels) {
      bytes.put((byte) label);
    }
    return bytes.array();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private void write(byte[] images, byte[] labels) throws IOException {
    Files.write(folder.resolve(IMAGES), images);
    Files.write(folder.resolve(LABELS), labels);
  }

  private void refused(String... parts) {
    assertThatThrownBy(() -> FashionMnist.load(folder))
        .isExactlyInstanceOf(IOException.class)
        .hasMessageContainingAll(parts)
        .hasMessageNotContaining("\n")
        .hasMessageContaining(folder.toString());
  }

  @Test
  void plainAndPackedFilesGiveTheSame() throws IOException {
    write(images(2, 2), labels(9, 0));
    FashionMnist plain = FashionMnist.load(folder);
    Files.delete(folder.resolve(IMAGES));
    assertThat(FashionMnist.isIn(folder)).isFalse();
    Files.write(folder.resolve(IMAGES + ".gz"), gzip(images(2, 2)));
    assertThat(FashionMnist.isIn(folder)).isTrue();
    FashionMnist packed = FashionMnist.load(folder);

    int[] both = {1, 0};
    assertThat(packed.size()).isEqualTo(2);
    assertThat(packed.labels(both)).containsExactly(0, 9);
    Tensor batch = packed.batch(both);
    assertThat(batch).isEqualTo(plain.batch(both));
    assertThat(batch.shape()).containsExactly(2, 1, 28, 28);
    assertThat(batch.data()[0]).isCloseTo((1 - 0.286f) / 0.353f, within(1e-6f));
    assertThat(batch.data()[784]).isCloseTo(-0.286f / 0.353f, within(1e-6f));
    assertThatThrownBy(() -> packed.labels(new int[] {2}))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> packed.batch(new int[] {-1}))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void everyDefectIsSaidInOneLine() throws IOException {
    refused("has no train-images-idx3-ubyte", "install the Debian package");
    write(images(2, 2), labels(1, 2, 3));
    refused("2 images and 3 labels");
    write(images(2, 2), labels(1, 10));
    refused("has a label 10, expected 0 to 9");
    write(images(3, 2), labels(1, 2, 3));
    refused(IMAGES, "ends early");
    write(images(1, 2), labels(1));
    refused(IMAGES, "has more than its 1 items");
    write(new byte[3], labels(1));
    refused(IMAGES, "ends early");
    write(images(-1, 2), labels(1));
    refused(IMAGES, "is not an IDX file of 28 x 28 images");
    write(images(Integer.MAX_VALUE, 2), labels(1));
    refused(IMAGES, "is not an IDX file of 28 x 28 images");
    write(labels(1), labels(1));
    refused(IMAGES, "ends early");
    Files.delete(folder.resolve(IMAGES));
    Files.write(
        folder.resolve(IMAGES + ".gz"), "<html>404</html>".getBytes(StandardCharsets.UTF_8));
    refused(IMAGES + ".gz", "is damaged");
    byte[] packed = gzip(images(2, 2));
    Files.write(folder.resolve(IMAGES + ".gz"), Arrays.copyOf(packed, packed.length / 2));
    refused(IMAGES + ".gz", "ends early");
  }

  @Test
  void theInstalledSetHasSixtyThousandImagesOfTenEqualClasses() throws IOException {
    Assumptions.assumeTrue(
        FashionMnist.isIn(FashionMnist.DEBIAN),
        "skipped: the Debian package dataset-fashion-mnist is not installed");
    FashionMnist data = FashionMnist.load(FashionMnist.DEBIAN);
    assertThat(data.size()).isEqualTo(60_000);
    int[] counts = new int[10];
    for (int label : data.labels(IntStream.range(0, data.size()).toArray())) {
      counts[label]++;
    }
    assertThat(counts).containsOnly(6_000);
    float[] some = data.batch(IntStream.range(0, 2_000).toArray()).data();
    double mean = IntStream.range(0, some.length).mapToDouble(i -> some[i]).average().orElse(9);
    assertThat(mean).isCloseTo(0, within(0.05));
  }
}
