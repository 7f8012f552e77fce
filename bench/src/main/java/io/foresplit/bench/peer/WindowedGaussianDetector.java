package io.foresplit.bench.peer;

import java.util.Arrays;
import org.apache.commons.math3.special.Erf;

/**
 * NAB's baseline of that name: 1 less the tail of a normal distribution beyond a value, 0.5 to 1,
 * with mean and deviation of the last 6,400 values, which move on by 100 at a time once that many
 * are there. The value itself is not among them.
 */
public final class WindowedGaussianDetector implements AnomalyDetector {
  private static final int WINDOW = 6400;
  private static final int STRIDE = 100;
  private static final double LEAST_DEVIATION = 1e-6;

  @Override
  public String label() {
    return "windowed-gaussian";
  }

  @Override
  public Scorer start() {
    return new Window();
  }

  private static final class Window implements Scorer {
    private double[] values = new double[WINDOW + STRIDE];
    private int size;
    private double mean;
    private double deviation = 1;

    @Override
    public double next(double value) {
      double score = size == 0 ? 0 : 1 - tail(value);
      values[size++] = value;
      if (size <= WINDOW) {
        fit();
      } else if (size == WINDOW + STRIDE) {
        values = Arrays.copyOf(Arrays.copyOfRange(values, STRIDE, size), WINDOW + STRIDE);
        size = WINDOW;
        fit();
      }
      return score;
    }

    private double tail(double value) {
      return 0.5 * Erf.erfc(Math.abs(value - mean) / deviation / Math.sqrt(2));
    }

    private void fit() {
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += values[i];
      }
      mean = sum / size;
      double squares = 0;
      for (int i = 0; i < size; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
      }
      deviation = Math.sqrt(squares / size);
      if (deviation == 0) {
        deviation = LEAST_DEVIATION;
      }
    }
  }
}
