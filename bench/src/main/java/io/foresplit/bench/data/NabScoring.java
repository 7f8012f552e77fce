package io.foresplit.bench.data;

import io.foresplit.bench.data.NabSeries.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * NAB's own score of a detector (Lavin and Ahmad, Evaluating Real-time Anomaly Detection
 * Algorithms, 2015). Pure.
 *
 * <p>From the paper: the sigmoid of a detection's place, only the earliest detection in a window
 * counts, the weights of the profiles, probation, and {@code 100·(raw − null)/(perfect − null)}
 * with one threshold for all series, the one with the highest raw score.
 *
 * <p>As NAB's code does and the paper leaves open: a place in a window of n rows counts from −1 at
 * its first row to −1/n at its last; behind it, rows since its last over n − 1, and beyond 3 the
 * sigmoid is −1; a detection before the first window costs the whole weight; the best place in a
 * window is worth the whole weight, so gains are divided by the sigmoid at −1; every row at or
 * above the threshold is a detection, and there may be none at all.
 */
public final class NabScoring {
  private static final double FAR = 3;

  private NabScoring() {}

  /**
   * A detector's best.
   *
   * @param threshold on anomaly scores; infinite when no detection at all is best
   * @param raw weighted sum over all series
   * @param normalized 0 for a detector that says nothing, 100 for a perfect one; can be negative
   *     for a fixed threshold only
   */
  public record NabScore(double threshold, double raw, double normalized) {}

  /** A row that counts. */
  private record Point(double score, double worth, int window) {}

  /** {@code 2/(1 + exp(5y)) − 1}: near 1 a window's length before its end, 0 at it, −1 far on. */
  static double sigmoid(double place) {
    return place > FAR ? -1 : 2 / (1 + Math.exp(5 * place)) - 1;
  }

  /**
   * The score at the best threshold.
   *
   * @param scores anomaly scores, finite, by series and row; a higher one is more anomalous
   */
  public static NabScore score(List<NabSeries> series, List<double[]> scores, NabProfile profile) {
    List<Point> points = new ArrayList<>();
    int windows = 0;
    for (int i = 0; i < series.size(); i++) {
      windows += points(series.get(i), scores.get(i), profile, windows, points);
    }
    points.sort(Comparator.comparingDouble(Point::score).reversed());
    double[] found = new double[windows];
    Arrays.fill(found, -profile.falseNegative());
    double raw = -profile.falseNegative() * windows;
    double nothing = raw;
    double best = raw;
    double threshold = Double.POSITIVE_INFINITY;
    for (int i = 0; i < points.size(); i++) {
      Point point = points.get(i);
      if (point.window() < 0) {
        raw += point.worth();
      } else if (point.worth() > found[point.window()]) {
        raw += point.worth() - found[point.window()];
        found[point.window()] = point.worth();
      }
      boolean last = i + 1 == points.size() || points.get(i + 1).score() < point.score();
      if (last && raw > best) {
        best = raw;
        threshold = point.score();
      }
    }
    double perfect = profile.truePositive() * windows;
    double normalized = windows == 0 ? 0 : 100 * (best - nothing) / (perfect - nothing);
    return new NabScore(threshold, best, normalized);
  }

  /** Adds what a detection at each row is worth; returns how many windows can be found. */
  private static int points(
      NabSeries series, double[] scores, NabProfile profile, int firstWindow, List<Point> points) {
    if (scores.length != series.values().length) {
      throw new IllegalArgumentException(
          series.name() + " must have " + series.values().length + " scores, was " + scores.length);
    }
    List<Window> windows =
        series.windows().stream().filter(w -> w.last() >= series.probation()).toList();
    int next = 0;
    for (int row = series.probation(); row < scores.length; row++) {
      if (!Double.isFinite(scores[row])) {
        throw new IllegalArgumentException(
            "scores of " + series.name() + " must be finite, row " + row + " was " + scores[row]);
      }
      if (next < windows.size() && row > windows.get(next).last()) {
        next++;
      }
      boolean inside = next < windows.size() && row >= windows.get(next).first();
      if (inside) {
        points.add(
            new Point(scores[row], gain(windows.get(next), row, profile), firstWindow + next));
      } else {
        double place = next == 0 ? Double.POSITIVE_INFINITY : behind(windows.get(next - 1), row);
        points.add(new Point(scores[row], profile.falsePositive() * sigmoid(place), -1));
      }
    }
    return windows.size();
  }

  private static double gain(Window window, int row, NabProfile profile) {
    double place = -(window.last() - row + 1.0) / window.rows();
    return profile.truePositive() * sigmoid(place) / sigmoid(-1);
  }

  private static double behind(Window window, int row) {
    return (row - window.last()) / (window.rows() - 1.0);
  }
}
