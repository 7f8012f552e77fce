package io.foresplit.runtime.data;

import io.foresplit.runtime.tensor.SampleShape;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Ten kinds of drawn shapes with seeded position, size, brightness and noise: something to train on
 * where no dataset is installed. An image is a function of (seed, index).
 */
public final class DrawnDataset implements Dataset {
  private static final int SIDE = 28;
  private static final int CLASSES = 10;
  private static final double NOISE = 0.8;

  /** Share of images that bear a wrong label, so that loss has a floor, as with real data. */
  private static final double MISLABELLED = 0.06;

  private final long seed;
  private final int size;
  private final SampleShape image;

  /** Grey images of 28 × 28. */
  public DrawnDataset(long seed, int size) {
    this(seed, size, SampleShape.of(1, SIDE, SIDE));
  }

  /**
   * @param image channels × side × side
   */
  public DrawnDataset(long seed, int size, SampleShape image) {
    if (size < 1) {
      throw new IllegalArgumentException("size must be at least 1, was " + size);
    }
    if (image.dimensions().size() != 3 || image.length(1) != image.length(2)) {
      throw new IllegalArgumentException("images must be channels x side x side, was " + image);
    }
    this.seed = seed;
    this.size = size;
    this.image = image;
  }

  @Override
  public String description() {
    return "drawn shapes (made by the program)";
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Tensor batch(int[] indices) {
    int values = (int) image.elements();
    float[] data = new float[indices.length * values];
    for (int i = 0; i < indices.length; i++) {
      draw(Objects.checkIndex(indices[i], size), data, i * values);
    }
    return new Tensor(data, image.batch(indices.length));
  }

  @Override
  public int[] labels(int[] indices) {
    int[] labels = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      labels[i] = label(Objects.checkIndex(indices[i], size));
      SplittableRandom random = new SplittableRandom(~seed * 1_000_003 + indices[i]);
      if (random.nextDouble() < MISLABELLED) {
        labels[i] = random.nextInt(CLASSES);
      }
    }
    return labels;
  }

  private int label(int index) {
    return index % CLASSES;
  }

  private void draw(int index, float[] data, int offset) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + index);
    int side = image.length(1);
    double unit = (double) side / SIDE;
    double cx = (13.5 + random.nextDouble(-4, 4)) * unit;
    double cy = (13.5 + random.nextDouble(-4, 4)) * unit;
    double r = random.nextDouble(5, 9) * unit;
    double ink = random.nextDouble(0.7, 1.3);
    int label = label(index);
    for (int channel = 0; channel < image.length(0); channel++) {
      // every channel after the first has its own strength of ink
      double strength = channel == 0 ? ink : ink * random.nextDouble(0.3, 1.2);
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          double inside = inside(label, (x - cx) / r, (y - cy) / r) ? strength : 0;
          data[offset + (channel * side + y) * side + x] =
              (float) (2 * inside - 0.4 + NOISE * random.nextGaussian());
        }
      }
    }
  }

  /** Whether a point, in units of the shape's radius around its centre, is part of the shape. */
  private static boolean inside(int label, double x, double y) {
    double distance = Math.hypot(x, y);
    double ax = Math.abs(x);
    double ay = Math.abs(y);
    boolean box = ax < 1 && ay < 1;
    return switch (label) {
      case 0 -> distance < 1 && distance > 0.65;
      case 1 -> ax < 0.25 && ay < 1;
      case 2 -> ay < 0.25 && ax < 1;
      case 3 -> box && (ax < 0.2 || ay < 0.2);
      case 4 -> box && Math.abs(ax - ay) < 0.25;
      case 5 -> distance < 0.8;
      case 6 -> box && (ax > 0.7 || ay > 0.7);
      case 7 -> box && y > -1 && ax < (y + 1) / 2;
      case 8 -> box && Math.floorMod((int) Math.floor(3 * y), 2) == 0;
      default -> box && Math.floorMod((int) Math.floor(3 * x), 2) == 0;
    };
  }
}
