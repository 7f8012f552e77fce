package io.foresplit.forecaster.model;

import ai.onnxruntime.OrtException;
import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.Robust;
import io.foresplit.forecaster.SeriesForecaster;
import io.foresplit.forecaster.Served;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forecasts with a model from a file. Windows go in batches, each on its own scale. A series with
 * few values, and one for which the model gives a number that is not finite, is left to a baseline,
 * under the baseline's name. Thread-safe.
 *
 * <p>Beyond the model's own horizon its median path counts as seen and the model goes on from
 * there. It does not know that this path is a guess: in later blocks no level comes nearer to the
 * median than it was at the end of the block before (derived).
 *
 * <p>What a series is told does not depend on the others of its batch: only windows that are padded
 * to the same length share a run.
 */
public final class OnnxForecaster implements Forecaster {
  /** Fewest values present in what the model sees of a window. */
  public static final int LEAST_PRESENT = OnnxModel.LEAST_LENGTH;

  private static final Logger LOG = LoggerFactory.getLogger(OnnxForecaster.class);
  private static final double TRUST = 4;

  private final OnnxModel model;
  private final Forecaster baseline;
  private final LongAdder rejected = new LongAdder();
  private final AtomicBoolean failureTold = new AtomicBoolean();

  /**
   * @param model stays the caller's, to be closed
   * @param baseline for series that the model cannot serve
   */
  public OnnxForecaster(OnnxModel model, Forecaster baseline) {
    this.model = model;
    this.baseline = baseline;
  }

  /**
   * The model that is built in, or one from a file, before the baselines: what a series is forecast
   * from when nothing more is known of it.
   */
  public static List<Forecaster> beforeBaselines(OnnxModel model) {
    List<Forecaster> all = new ArrayList<>(SeriesForecaster.baselines());
    all.add(0, new OnnxForecaster(model, all.get(0)));
    return List.copyOf(all);
  }

  @Override
  public String name() {
    return "foresplit-large/" + model.version();
  }

  @Override
  public double trust(int present) {
    return present < LEAST_PRESENT ? baseline.trust(present) : TRUST;
  }

  /** Series left to the baseline since the start because the model's numbers were of no use. */
  public long rejected() {
    return rejected.sum();
  }

  @Override
  public Quantiles forecast(double[] window, int horizon) {
    return serve(List.of(window), horizon).get(0).quantiles();
  }

  @Override
  public List<Quantiles> forecast(List<double[]> windows, int horizon) {
    return serve(windows, horizon).stream().map(Served::quantiles).toList();
  }

  @Override
  public List<Served> serve(List<double[]> windows, int horizon) {
    if (horizon < 1) {
      throw new IllegalArgumentException("horizon must be positive, was " + horizon);
    }
    List<Course> courses = windows.stream().map(window -> new Course(window, horizon)).toList();
    List<Course> open = courses.stream().filter(Course::isOpen).toList();
    while (!open.isEmpty()) {
      Map<Integer, List<Course>> byLength =
          open.stream()
              .collect(
                  Collectors.groupingBy(
                      course -> model.length(course.seen.length),
                      TreeMap::new,
                      Collectors.toList()));
      byLength.forEach(this::extend);
      open = open.stream().filter(Course::isOpen).toList();
    }
    List<Served> served = new ArrayList<>(courses.size());
    for (int i = 0; i < courses.size(); i++) {
      Course course = courses.get(i);
      served.add(
          course.usable
              ? new Served(course.quantiles(), name())
              : baseline.serve(List.of(windows.get(i)), horizon).get(0));
    }
    return List.copyOf(served);
  }

  /** One block further on all these courses. */
  private void extend(int length, List<Course> courses) {
    for (int from = 0; from < courses.size(); from += model.mostBatch()) {
      List<Course> batch =
          courses.subList(from, Math.min(courses.size(), from + model.mostBatch()));
      List<double[][]> blocks;
      try {
        blocks = model.run(batch.stream().map(course -> course.seen).toList(), length);
      } catch (OrtException e) {
        if (!failureTold.getAndSet(true)) {
          LOG.warn(
              "model {} failed on {} series, left to {}; further failures are only counted: {}",
              name(),
              batch.size(),
              baseline.name(),
              ModelFileException.reason(e));
        }
        batch.forEach(Course::reject);
        continue;
      }
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).append(blocks.get(i));
      }
    }
  }

  /** A series on its way to the horizon, on the scale of its window. Not thread-safe. */
  private final class Course {
    private final WindowScale scale;
    private final double[][] rows;

    /** What the model sees: from the first value present on, and then what it said itself. */
    private double[] seen;

    private int done;
    private boolean usable;

    Course(double[] window, int horizon) {
      double[] last = last(window, model.longest());
      int first = 0;
      while (first < last.length && Double.isNaN(last[first])) {
        first++;
      }
      double[] trimmed = Arrays.copyOfRange(last, first, last.length);
      usable = Robust.present(trimmed).length >= LEAST_PRESENT;
      scale = usable ? WindowScale.of(trimmed) : new WindowScale(0, 1);
      seen = Arrays.stream(trimmed).map(scale::toModel).toArray();
      rows = new double[Quantiles.LEVELS.size()][horizon];
    }

    boolean isOpen() {
      return usable && done < rows[0].length;
    }

    void reject() {
      usable = false;
      rejected.increment();
    }

    void append(double[][] block) {
      if (!OnnxModel.isFinite(block)) {
        reject();
        return;
      }
      double[][] sorted = Quantiles.sorted(block).rows();
      double[] median = sorted[Quantiles.MEDIAN];
      int steps = Math.min(median.length, rows[0].length - done);
      for (int level = 0; level < rows.length; level++) {
        double before = done == 0 ? 0 : rows[level][done - 1] - rows[Quantiles.MEDIAN][done - 1];
        for (int h = 0; h < steps; h++) {
          double distance = sorted[level][h] - median[h];
          double wide =
              level < Quantiles.MEDIAN ? Math.min(distance, before) : Math.max(distance, before);
          rows[level][done + h] = median[h] + wide;
        }
      }
      done += steps;
      double[] longer = Arrays.copyOf(seen, seen.length + median.length);
      System.arraycopy(median, 0, longer, seen.length, median.length);
      seen = last(longer, model.longest());
    }

    Quantiles quantiles() {
      return new Quantiles(
          Arrays.stream(rows)
              .map(row -> Arrays.stream(row).map(scale::toNatural).toArray())
              .toArray(double[][]::new));
    }
  }

  private static double[] last(double[] values, int most) {
    return Arrays.copyOfRange(values, Math.max(0, values.length - most), values.length);
  }
}
