package io.foresplit.runtime.data;

import io.foresplit.runtime.tensor.SampleShape;
import io.foresplit.runtime.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * Overlapping windows of a text. A label is the next character, for every position of a window.
 * From a file, the last tenth is held out.
 */
public final class TextDataset implements Dataset {
  /** Characters from one window to the next. */
  static final int STRIDE = 16;

  /** Least number of windows of each part. */
  private static final int LEAST_WINDOWS = 2;

  private static final int HELD_OUT_PARTS = 10;
  private static final long MAX_BYTES = 64L << 20;

  private final String description;
  private final byte[] symbols;
  private final int positions;

  private TextDataset(String description, byte[] symbols, int positions) {
    this.description = description;
    this.symbols = symbols;
    this.positions = positions;
  }

  /**
   * Windows of a text.
   *
   * @param positions length of a window
   */
  public static TextDataset of(String description, CharSequence text, int positions) {
    return of(description, Characters.encode(text), positions);
  }

  private static TextDataset of(String description, byte[] symbols, int positions) {
    int least = positions + 1 + (LEAST_WINDOWS - 1) * STRIDE;
    if (positions < 1 || symbols.length < least) {
      throw new IllegalArgumentException(
          description
              + " needs at least "
              + least
              + " characters for windows of "
              + positions
              + ", was "
              + symbols.length);
    }
    return new TextDataset(description, symbols, positions);
  }

  /** The part of a file that is trained on. */
  public static TextDataset load(Path file, int positions) throws IOException {
    byte[] symbols = read(file);
    int end = symbols.length - symbols.length / HELD_OUT_PARTS;
    return part(file, "", Arrays.copyOf(symbols, end), positions);
  }

  /** The part of a file that is never trained on. */
  public static TextDataset loadHeldOut(Path file, int positions) throws IOException {
    byte[] symbols = read(file);
    int start = symbols.length - symbols.length / HELD_OUT_PARTS;
    return part(file, ", held out", Arrays.copyOfRange(symbols, start, symbols.length), positions);
  }

  private static TextDataset part(Path file, String which, byte[] symbols, int positions)
      throws IOException {
    try {
      return of("text (" + file + which + ")", symbols, positions);
    } catch (IllegalArgumentException e) {
      throw new IOException("dataset: " + e.getMessage() + "; take a longer text", e);
    }
  }

  private static byte[] read(Path file) throws IOException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new IOException(
          "dataset "
              + file
              + " must be a readable text file; name one, or leave --dataset out to train on drawn"
              + " text");
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(
          "dataset "
              + file
              + " must have at most "
              + MAX_BYTES
              + " bytes, was "
              + Files.size(file)
              + "; take a part of it");
    }
    try {
      return Characters.encode(Files.readString(file, StandardCharsets.UTF_8));
    } catch (CharacterCodingException e) {
      throw new IOException("dataset " + file + " must be text in UTF-8; convert it", e);
    }
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public int size() {
    return (symbols.length - positions - 1) / STRIDE + 1;
  }

  @Override
  public Tensor batch(int[] indices) {
    float[] data = new float[indices.length * positions];
    for (int i = 0; i < data.length; i++) {
      data[i] = symbols[start(indices[i / positions]) + i % positions];
    }
    return new Tensor(data, SampleShape.of(positions).batch(indices.length));
  }

  @Override
  public int[] labels(int[] indices) {
    int[] labels = new int[indices.length * positions];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = symbols[start(indices[i / positions]) + i % positions + 1];
    }
    return labels;
  }

  @Override
  public int classes() {
    return Characters.SYMBOLS;
  }

  private int start(int index) {
    return Objects.checkIndex(index, size()) * STRIDE;
  }
}
