package io.foresplit.app.offline;

import io.foresplit.app.offline.SampleFile.Sample;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The samples of one series, to be put on equal steps of the median distance in time. Mutable, not
 * thread-safe.
 */
final class SeriesGrid {
  private double[] seconds = new double[16];
  private double[] values = new double[16];
  private String[] times = new String[16];
  private int size;

  void add(Sample sample) {
    if (size == values.length) {
      seconds = Arrays.copyOf(seconds, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
      times = Arrays.copyOf(times, 2 * size);
    }
    seconds[size] = sample.seconds();
    values[size] = sample.value();
    times[size] = sample.time();
    size++;
  }

  /** Takes one step of the grid. */
  interface Step {
    /**
     * A step.
     *
     * @param value of the step, NaN when it has none
     * @param time of the sample, as written; that of the sample before where there is none
     */
    void accept(double value, String time);
  }

  /**
   * Hands on the steps, oldest first. Of samples in one step the last in time counts, or of the
   * same time the last in the file.
   *
   * @param longestGap steps without a sample that are handed on of a gap at most
   */
  void steps(int longestGap, Step sink) {
    int[] order = order();
    double step = medianDistance(order);
    for (int i = 0; i < size; i++) {
      long here = cell(order, i, step);
      long next = i + 1 < size ? cell(order, i + 1, step) : here + 1;
      if (next > here) {
        sink.accept(values[order[i]], times[order[i]]);
        for (long gap = Math.min(next - here - 1, longestGap); gap > 0; gap--) {
          sink.accept(Double.NaN, times[order[i]]);
        }
      }
    }
  }

  private long cell(int[] order, int i, double step) {
    return Math.round((seconds[order[i]] - seconds[order[0]]) / step);
  }

  private int[] order() {
    boolean sorted = IntStream.range(1, size).allMatch(i -> seconds[i] >= seconds[i - 1]);
    return sorted
        ? IntStream.range(0, size).toArray()
        : IntStream.range(0, size)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> seconds[i]))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  private double medianDistance(int[] order) {
    double[] distances =
        IntStream.range(1, size)
            .mapToDouble(i -> seconds[order[i]] - seconds[order[i - 1]])
            .filter(d -> d > 0)
            .sorted()
            .toArray();
    return distances.length == 0 ? 1 : distances[distances.length / 2];
  }
}
