package io.foresplit.runtime.data;

import io.foresplit.runtime.tensor.SampleShape;
import io.foresplit.runtime.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017) from its IDX files, plain or gzipped: the training
 * set, or the test set, which is never trained on.
 */
public final class FashionMnist implements Dataset {
  /** Where the Debian package {@code dataset-fashion-mnist} puts it. */
  public static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

  private static final String TRAINING = "train";
  private static final String TEST = "t10k";
  private static final String IMAGES = "-images-idx3-ubyte";
  private static final String LABELS = "-labels-idx1-ubyte";
  private static final int IMAGES_MAGIC = 0x803;
  private static final int LABELS_MAGIC = 0x801;
  private static final int SIDE = 28;
  private static final int PIXELS = SIDE * SIDE;

  static final SampleShape IMAGE = SampleShape.of(1, SIDE, SIDE);

  /** Mean and standard deviation of the training set's pixels, in 0 to 1. */
  private static final float MEAN = 0.286f;

  private static final float SPREAD = 0.353f;

  /** Bounds the memory that a damaged header can ask for; the training set has 60,000. */
  private static final int MAX_IMAGES = 100_000;

  private final Path folder;
  private final byte[] images;
  private final byte[] labels;

  private FashionMnist(Path folder, byte[] images, byte[] labels) {
    this.folder = folder;
    this.images = images;
    this.labels = labels;
  }

  /** Whether the files of the training set are in a folder. */
  public static boolean isIn(Path folder) {
    return file(folder, TRAINING + IMAGES) != null && file(folder, TRAINING + LABELS) != null;
  }

  /** Reads the training set; the message of the exception says what is wrong and what to do. */
  public static FashionMnist load(Path folder) throws IOException {
    return load(folder, TRAINING);
  }

  /** Reads the test set; the message of the exception says what is wrong and what to do. */
  public static FashionMnist loadTest(Path folder) throws IOException {
    return load(folder, TEST);
  }

  private static FashionMnist load(Path folder, String set) throws IOException {
    byte[] images = read(folder, set + IMAGES, IMAGES_MAGIC, PIXELS);
    byte[] labels = read(folder, set + LABELS, LABELS_MAGIC, 1);
    if (images.length / PIXELS != labels.length) {
      throw new IOException(
          "dataset in "
              + folder
              + " has "
              + images.length / PIXELS
              + " images and "
              + labels.length
              + " labels; both files must be of the same set");
    }
    for (byte label : labels) {
      if (label < 0 || label > 9) {
        throw new IOException(
            "dataset in " + folder + " has a label " + label + ", expected 0 to 9");
      }
    }
    return new FashionMnist(folder, images, labels);
  }

  private static @Nullable Path file(Path folder, String name) {
    for (String suffix : new String[] {"", ".gz"}) {
      Path path = folder.resolve(name + suffix);
      if (Files.isReadable(path)) {
        return path;
      }
    }
    return null;
  }

  private static byte[] read(Path folder, String name, int magic, int itemBytes)
      throws IOException {
    Path path = file(folder, name);
    if (path == null) {
      throw new IOException(
          "dataset folder "
              + folder
              + " has no "
              + name
              + " or "
              + name
              + ".gz; install the Debian package dataset-fashion-mnist, or leave --dataset out to"
              + " train on a drawn dataset");
    }
    try (InputStream raw = Files.newInputStream(path);
        DataInputStream in = new DataInputStream(unpacked(path, raw))) {
      int found = in.readInt();
      int count = in.readInt();
      boolean square = itemBytes == 1 || in.readLong() == ((long) SIDE << 32 | SIDE);
      if (found != magic || count < 1 || count > MAX_IMAGES || !square) {
        throw new IOException(
            "dataset file "
                + path
                + " is not an IDX file of "
                + (itemBytes == 1 ? "labels" : "28 x 28 images"));
      }
      byte[] data = new byte[count * itemBytes];
      in.readFully(data);
      if (in.read() >= 0) {
        throw new IOException("dataset file " + path + " has more than its " + count + " items");
      }
      return data;
    } catch (EOFException | ZipException e) {
      throw new IOException(
          "dataset file " + path + " ends early or is damaged; copy or install it again", e);
    }
  }

  private static InputStream unpacked(Path path, InputStream raw) throws IOException {
    return new BufferedInputStream(
        path.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw);
  }

  @Override
  public String description() {
    return "Fashion-MNIST (" + folder + ")";
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Tensor batch(int[] indices) {
    float[] data = new float[indices.length * PIXELS];
    for (int i = 0; i < indices.length; i++) {
      int start = Objects.checkIndex(indices[i], labels.length) * PIXELS;
      for (int p = 0; p < PIXELS; p++) {
        data[i * PIXELS + p] = ((images[start + p] & 0xff) / 255f - MEAN) / SPREAD;
      }
    }
    return new Tensor(data, IMAGE.batch(indices.length));
  }

  @Override
  public int[] labels(int[] indices) {
    int[] result = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      result[i] = labels[Objects.checkIndex(indices[i], labels.length)];
    }
    return result;
  }
}
