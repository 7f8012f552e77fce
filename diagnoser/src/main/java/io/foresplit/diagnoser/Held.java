package io.foresplit.diagnoser;

/**
 * What a series kept up for a while, so that lone values and short bursts do not count: medians of
 * three neighbours, of three such medians side by side, and so on (Tukey's ninther, 1978, as a
 * filter).
 */
final class Held {
  private static final int OF = 3;

  private Held() {}

  /**
   * About the medians over windows of {@code width} neighbours. Fewer values than that give one.
   *
   * @param values at least one, none of them NaN
   * @param width the largest power of three that is not larger is taken
   */
  static double[] of(double[] values, int width) {
    return values.length < OF ? new double[] {mean(values)} : longer(values, 1, width);
  }

  /**
   * The same over longer windows; over shorter ones where there are too few values.
   *
   * @param from the power of three that {@code held} is of; 1 for the values themselves
   */
  static double[] longer(double[] held, int from, int width) {
    double[] longer = held;
    for (int apart = from; apart * OF <= width; apart *= OF) {
      int size = longer.length - (OF - 1) * apart;
      if (size < 1) {
        return longer;
      }
      double[] next = new double[size];
      for (int i = 0; i < size; i++) {
        double a = longer[i];
        double b = longer[i + apart];
        double c = longer[i + 2 * apart];
        next[i] = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
      }
      longer = next;
    }
    return longer;
  }

  /** The largest power of three that is not larger. */
  static int power(int width) {
    int power = 1;
    while (power * OF <= width) {
      power *= OF;
    }
    return power;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
