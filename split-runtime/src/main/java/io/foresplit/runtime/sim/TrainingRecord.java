package io.foresplit.runtime.sim;

import io.foresplit.runtime.tensor.LayerRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What real training was like: loss, mean and variance of the input, and gradient norm, activation
 * mean and variance of each layer, of single steps. One course is a training from its beginning;
 * the others begin with a disturbance that struck the trained model at full size, and tell each
 * step since. Immutable and thread-safe.
 *
 * <p>A line is {@code condition,size,step}, then a row: loss, the two of the input, and the three
 * for each layer in turn. A disturbance that strikes some layers has a condition for each run of
 * them that was struck: {@code kind@first-last}.
 */
final class TrainingRecord {
  private static final String STRIKES = "@";
  static final String HEALTHY = "healthy";
  static final String RESOURCE = "lenet-training.csv";

  /** A step of undisturbed training is drawn from this part of the rows before it, and after it. */
  private static final int HEALTHY_SPREAD = 6;

  private static final int KEY_COLUMNS = 3;
  private static final int STEP_COLUMNS = 3;
  private static final int LAYER_COLUMNS = 3;

  /** One course of training: the numbers of its recorded steps, rising, and a row for each. */
  private static final class Course {
    private final int[] steps;
    private final double[][] rows;

    Course(SortedMap<Integer, double[]> rowOfStep) {
      steps = rowOfStep.keySet().stream().mapToInt(s -> s).toArray();
      rows = rowOfStep.values().toArray(double[][]::new);
    }

    int indexOf(double step) {
      int found = Arrays.binarySearch(steps, (int) Math.min(step, Integer.MAX_VALUE));
      return Math.max(0, found >= 0 ? found : -found - 2);
    }

    /**
     * A row within some rows of an index, or, at an end, of the nearest one with so many beside it.
     */
    double[] near(int index, int window, double uniform) {
      int middle = Math.max(window, Math.min(rows.length - 1 - window, index));
      int offset = (int) Math.floor(uniform * (2 * window + 1)) - window;
      return rows[middle + offset];
    }
  }

  private final Course healthy;
  private final Map<DisturbanceKind, Map<LayerRun, NavigableMap<Double, Course>>> disturbed;
  private final int layers;

  private TrainingRecord(
      Course healthy,
      Map<DisturbanceKind, Map<LayerRun, NavigableMap<Double, Course>>> disturbed,
      int layers) {
    this.healthy = healthy;
    this.disturbed = disturbed;
    this.layers = layers;
  }

  /** A LeNet on Fashion-MNIST; see docs/simulation.md for how it was made. */
  static TrainingRecord lenet() {
    return LeNet.RECORD;
  }

  private static final class LeNet {
    static final TrainingRecord RECORD = load();

    private static TrainingRecord load() {
      try (InputStream in = TrainingRecord.class.getResourceAsStream(RESOURCE)) {
        if (in == null) {
          throw new IllegalStateException("the program lacks its resource " + RESOURCE);
        }
        return read(
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines().toList());
      } catch (IOException e) {
        throw new UncheckedIOException("resource " + RESOURCE + " cannot be read", e);
      }
    }
  }

  /**
   * Reads a recording.
   *
   * @throws IllegalArgumentException naming the line, when it is not one
   */
  static TrainingRecord read(List<String> lines) {
    Map<String, NavigableMap<Double, TreeMap<Integer, double[]>>> courses = new TreeMap<>();
    int columns = lines.isEmpty() ? 0 : lines.get(0).split(",", -1).length;
    for (int i = 1; i < lines.size(); i++) {
      String[] cells = lines.get(i).split(",", -1);
      if (cells.length != columns || (columns - KEY_COLUMNS - STEP_COLUMNS) % LAYER_COLUMNS != 0) {
        throw new IllegalArgumentException(
            "recording, line " + (i + 1) + ": expected " + columns + " cells, was " + cells.length);
      }
      double[] numbers = new double[columns - 1];
      for (int c = 1; c < columns; c++) {
        numbers[c - 1] = number(i, cells[c]);
      }
      courses
          .computeIfAbsent(cells[0], c -> new TreeMap<>())
          .computeIfAbsent(numbers[0], s -> new TreeMap<>())
          .put((int) numbers[1], Arrays.copyOfRange(numbers, KEY_COLUMNS - 1, columns - 1));
    }
    NavigableMap<Double, TreeMap<Integer, double[]>> first = courses.remove(HEALTHY);
    if (first == null) {
      throw new IllegalArgumentException("recording: expected a course '" + HEALTHY + "'");
    }
    int layers = (columns - KEY_COLUMNS - STEP_COLUMNS) / LAYER_COLUMNS;
    Map<DisturbanceKind, Map<LayerRun, NavigableMap<Double, Course>>> disturbed =
        new EnumMap<>(DisturbanceKind.class);
    courses.forEach(
        (condition, sizes) -> {
          String[] parts = condition.split(STRIKES, -1);
          DisturbanceKind kind = DisturbanceKind.ofLabel(parts[0]);
          LayerRun struck =
              parts.length == 1 ? new LayerRun(0, layers - 1) : run(parts[1].split("-", -1));
          NavigableMap<Double, Course> levels = new TreeMap<>();
          sizes.forEach((size, steps) -> levels.put(coordinate(kind, size), new Course(steps)));
          disturbed.computeIfAbsent(kind, k -> new TreeMap<>()).put(struck, levels);
        });
    return new TrainingRecord(new Course(first.firstEntry().getValue()), disturbed, layers);
  }

  private static LayerRun run(String[] ends) {
    return new LayerRun(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
  }

  /** What lines of a disturbance are called. */
  static String condition(DisturbanceKind kind, LayerRun struck, int layers) {
    return struck.first() == 0 && struck.last() == layers - 1
        ? kind.label()
        : kind.label() + STRIKES + struck.first() + "-" + struck.last();
  }

  private static double number(int line, String cell) {
    try {
      double value = Double.parseDouble(cell);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for all that is no number
    }
    throw new IllegalArgumentException(
        "recording, line " + (line + 1) + ": expected a finite number, was '" + cell + "'");
  }

  /** Loss of a row, nats. */
  static double loss(double[] row) {
    return row[0];
  }

  /** Mean of the input of a row. */
  static double inputMean(double[] row) {
    return row[1];
  }

  /** Variance of the input of a row. */
  static double inputVariance(double[] row) {
    return row[2];
  }

  /** L2 norm of the gradient over the parameters of one layer. */
  static double gradientNorm(double[] row, int layer) {
    return row[STEP_COLUMNS + LAYER_COLUMNS * layer];
  }

  /** Mean of a layer's output. */
  static double activationMean(double[] row, int layer) {
    return row[STEP_COLUMNS + LAYER_COLUMNS * layer + 1];
  }

  /** Variance of a layer's output. */
  static double activationVariance(double[] row, int layer) {
    return row[STEP_COLUMNS + LAYER_COLUMNS * layer + 2];
  }

  /** Layers of the model that was trained. */
  int layers() {
    return layers;
  }

  /** Where a size is on the scale on which the response is interpolated. */
  static double coordinate(DisturbanceKind kind, double size) {
    return switch (kind.size()) {
      case FACTOR, RATIO -> Math.log(size);
      case AMOUNT -> Math.log1p(size);
      case SHARE, SECONDS -> size;
    };
  }

  /**
   * A recorded step near one of undisturbed training: the later, the more of them are near, for
   * training changes ever less, and what is left is the chance of the batch.
   *
   * @param uniform chooses among those near it, in [0, 1)
   */
  double[] healthy(long step, double uniform) {
    int index = healthy.indexOf((double) step);
    return healthy.near(index, index / HEALTHY_SPREAD, uniform);
  }

  /**
   * A step under a disturbance: linear between the recorded sizes on either side, of which nothing
   * at all is one.
   *
   * @param struck layers of the recorded model; of runs that were recorded, the nearest one is
   *     taken
   * @param coordinate of its size, positive
   * @param since steps since it jumped to that size
   * @param undisturbed what the step would be without it
   */
  double[] disturbed(
      DisturbanceKind kind,
      LayerRun struck,
      double coordinate,
      double since,
      double[] undisturbed,
      double uniform) {
    Map<LayerRun, NavigableMap<Double, Course>> recorded = disturbed.get(kind);
    if (recorded == null) {
      throw new IllegalArgumentException("no training under a " + kind.label() + " was recorded");
    }
    NavigableMap<Double, Course> levels =
        Collections.min(
                recorded.entrySet(),
                Comparator.comparingInt(
                    run ->
                        Math.abs(run.getKey().first() - struck.first())
                            + Math.abs(run.getKey().last() - struck.last())))
            .getValue();
    var below = levels.floorEntry(coordinate);
    var above = levels.ceilingEntry(coordinate);
    double[] low = below == null ? undisturbed : row(below.getValue(), since, uniform);
    if (above == null) {
      return low;
    }
    double[] high = row(above.getValue(), since, uniform);
    double from = below == null ? 0 : below.getKey();
    double share = above.getKey() > from ? (coordinate - from) / (above.getKey() - from) : 1;
    double[] mixed = new double[low.length];
    Arrays.setAll(mixed, i -> (1 - share) * low[i] + share * high[i]);
    return mixed;
  }

  private static double[] row(Course course, double since, double uniform) {
    int index = course.indexOf(since);
    return course.near(index, Math.min(4, index / 3), uniform);
  }
}
