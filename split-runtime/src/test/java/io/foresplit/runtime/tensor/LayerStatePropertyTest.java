package io.foresplit.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** A layer's state survives its bytes, and bytes of others do no more than be refused. */
class LayerStatePropertyTest {
  private static final LayerState STATE =
      state(new float[] {1, Float.NaN, -0f, Float.MIN_VALUE, 5, 6});

  private static LayerState state(float[] weights) {
    long[] shape = {2, weights.length / 2};
    return new LayerState(
        3,
        1L << 40,
        new TreeMap<>(
            Map.of(
                "weight", new Tensor(weights, shape),
                "weight.m", new Tensor(new float[weights.length], shape),
                "bias", new Tensor(new float[] {7}, new long[] {1}))));
  }

  @Property(seed = "20")
  void decodingGivesWhatWasEncoded(@ForAll @Size(6) float[] weights) {
    LayerState state = state(weights);
    LayerState back = LayerState.decode(state.encode());
    assertThat(back).isEqualTo(state);
    assertThat(back.encode()).isEqualTo(state.encode());
    assertThat(back.sha256()).isEqualTo(state.sha256()).hasSize(64);
  }

  @Property(seed = "20")
  void changedBytesAreReadOrRefusedInOneLine(
      @ForAll @IntRange(max = 150) int at, @ForAll byte value) {
    byte[] bytes = STATE.encode();
    bytes[at % bytes.length] = value;
    readOrRefused(bytes);
  }

  @Property(seed = "20")
  void anyBytesAfterTheMagicAreReadOrRefusedInOneLine(@ForAll @Size(max = 200) byte[] tail) {
    byte[] bytes = Arrays.copyOf(new byte[] {0x46, 0x53, 0x4c, 0x31}, 4 + tail.length);
    System.arraycopy(tail, 0, bytes, 4, tail.length);
    readOrRefused(bytes);
  }

  private static void readOrRefused(byte[] bytes) {
    Throwable thrown = catchThrowable(() -> LayerState.decode(bytes));
    if (thrown != null) {
      assertThat(thrown).isExactlyInstanceOf(IllegalArgumentException.class);
      assertThat(thrown.getMessage()).doesNotContain("\n").hasSizeLessThan(300);
    }
  }

  @Example
  void cutOrContinuedBytesAreRefused() {
    byte[] bytes = STATE.encode();
    for (int length = 0; length < bytes.length + 3; length++) {
      byte[] other = Arrays.copyOf(bytes, length);
      if (length != bytes.length) {
        assertThatThrownBy(() -> LayerState.decode(other))
            .as("%d of %d bytes", length, bytes.length)
            .isExactlyInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("not a layer state");
      }
    }
  }

  /** A few bytes must not make the reader ask for gigabytes, whatever they announce. */
  @Example
  void announcedSizesAreBounded() throws IOException {
    for (long[] shape :
        new long[][] {
          {1L << 31}, {1L << 62}, {1L << 32, 1L << 32}, {-1, -1}, {0}, {1 << 16, 1 << 15}
        }) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        out.writeInt(0x46534c31);
        out.writeInt(0);
        out.writeLong(0);
        out.writeInt(1);
        out.writeUTF("weight");
        out.writeInt(shape.length);
        for (long dimension : shape) {
          out.writeLong(dimension);
        }
        out.writeLong(0);
      }
      assertThatThrownBy(() -> LayerState.decode(bytes.toByteArray()))
          .as(Arrays.toString(shape))
          .isExactlyInstanceOf(IllegalArgumentException.class);
    }
  }

  @Example
  void tensorsKeepTheirShapeAndLittleEndianBytes() {
    Tensor tensor = new Tensor(new float[] {1, 2}, new long[] {1, 2});
    assertThat(tensor.bytes()).containsExactly(0, 0, 0x80, 0x3f, 0, 0, 0, 0x40);
    assertThat(Tensor.of(tensor.bytes(), tensor.shape())).isEqualTo(tensor);
    for (long[] shape :
        new long[][] {{3}, {0, 2}, {-1, -2}, {1L << 40, 1L << 40}, {1, 1, 1, 1, 1, 1, 1, 1, 2}}) {
      assertThatThrownBy(() -> Tensor.of(tensor.bytes(), shape))
          .as(Arrays.toString(shape))
          .isExactlyInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Tensor.of(new byte[7], new long[] {1}))
        .hasMessage("shape [1] does not fit 7 bytes");
  }
}
