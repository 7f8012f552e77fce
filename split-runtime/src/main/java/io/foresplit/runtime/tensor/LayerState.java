package io.foresplit.runtime.tensor;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * All that a layer's next step depends on.
 *
 * @param layer index in the model
 * @param steps updates done, which Adam's bias correction needs
 * @param arrays parameters by name, and the optimiser's moments as {@code weight.m} and the like
 */
public record LayerState(int layer, long steps, SortedMap<String, Tensor> arrays) {
  private static final int MAGIC = 0x46534c31; // "FSL1"
  private static final int MAX_ARRAYS = 256;
  private static final Pattern NAME = Pattern.compile("[a-z0-9.]{1,64}");

  public LayerState {
    if (layer < 0 || steps < 0) {
      throw new IllegalArgumentException(
          "layer and steps must be at least 0, were " + layer + " and " + steps);
    }
    arrays = Collections.unmodifiableSortedMap(new TreeMap<>(arrays));
    if (arrays.size() > MAX_ARRAYS) {
      throw new IllegalArgumentException(
          "a layer has at most " + MAX_ARRAYS + " arrays, was " + arrays.size());
    }
    for (String name : arrays.keySet()) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException("an array's name must match " + NAME);
      }
    }
  }

  /** Magic, layer, steps, count, then for each array: name, rank, dimensions, floats. */
  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(encodedBytes()));
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeInt(layer);
      out.writeLong(steps);
      out.writeInt(arrays.size());
      for (var entry : arrays.entrySet()) {
        out.writeUTF(entry.getKey());
        long[] shape = entry.getValue().shape();
        out.writeInt(shape.length);
        for (long dimension : shape) {
          out.writeLong(dimension);
        }
        out.write(entry.getValue().bytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** Length of {@link #encode}. */
  public long encodedBytes() {
    SortedMap<String, List<Long>> shapes = new TreeMap<>();
    arrays.forEach(
        (name, array) -> shapes.put(name, Arrays.stream(array.shape()).boxed().toList()));
    return encodedBytes(shapes);
  }

  /**
   * Length of {@link #encode} for a state of such arrays.
   *
   * @param shapes by name
   */
  static long encodedBytes(SortedMap<String, List<Long>> shapes) {
    long bytes = 3 * Integer.BYTES + Long.BYTES;
    for (var entry : shapes.entrySet()) {
      // names are of one byte a character, after their length in two
      bytes += 2 + entry.getKey().length() + Integer.BYTES;
      bytes += (long) Long.BYTES * entry.getValue().size();
      bytes += Float.BYTES * entry.getValue().stream().reduce(1L, Math::multiplyExact);
    }
    return bytes;
  }

  /** Reads what {@link #encode} wrote; anything else is refused in one line. */
  public static LayerState decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readInt() != MAGIC) {
        throw new IllegalArgumentException("not a layer state: it does not start with FSL1");
      }
      int layer = in.readInt();
      long steps = in.readLong();
      int count = bounded("arrays", in.readInt(), MAX_ARRAYS);
      SortedMap<String, Tensor> arrays = new TreeMap<>();
      for (int i = 0; i < count; i++) {
        String name = in.readUTF();
        if (arrays.put(name, readTensor(in)) != null) {
          throw new IllegalArgumentException("not a layer state: an array comes twice");
        }
      }
      if (in.available() > 0) {
        throw new IllegalArgumentException(
            "not a layer state: " + in.available() + " bytes too many");
      }
      return new LayerState(layer, steps, arrays);
    } catch (IOException | ArithmeticException e) {
      throw new IllegalArgumentException("not a layer state: it ends early or is damaged", e);
    }
  }

  private static Tensor readTensor(DataInputStream in) throws IOException {
    long[] shape = new long[bounded("dimensions", in.readInt(), Tensor.MAX_RANK)];
    long bytes = Float.BYTES;
    for (int d = 0; d < shape.length; d++) {
      shape[d] = in.readLong();
      bytes = Math.multiplyExact(bytes, shape[d]);
    }
    return Tensor.of(in.readNBytes(bounded("bytes of an array", bytes, in.available())), shape);
  }

  private static int bounded(String what, long value, int limit) {
    if (value < 0 || value > limit) {
      throw new IllegalArgumentException(
          "not a layer state: " + what + " must be between 0 and " + limit + ", was " + value);
    }
    return (int) value;
  }

  /** Fingerprint of {@link #encode}, in hexadecimal. */
  public String sha256() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(encode()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
