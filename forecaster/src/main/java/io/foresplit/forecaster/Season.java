package io.foresplit.forecaster;

import java.util.Arrays;

/**
 * The period a series repeats with. A period is a lag at which values differ less than at lags half
 * as long and half as long again: a measure that a wandering level does not fool, since it makes
 * differences grow steadily with the lag (derived; differences by lag are the variogram of Matheron
 * 1963). Where several lags qualify, the one after which a mean over past seasons errs least, so
 * that a season is preferred to its multiples.
 *
 * @param period in intervals; 1 when the series does not repeat
 */
public record Season(int period) {
  static final Season NONE = new Season(1);

  /** Periods of hourly, five-minute, monthly and daily calendars; they need less evidence. */
  private static final int[] CALENDAR = {7, 12, 24, 48, 52, 60, 96, 144, 168, 288, 336};

  private static final double CALENDAR_WIDTH = 0.03;
  private static final double CALENDAR_DIP = 0.15;
  private static final double LEAST_DIP = 0.3;
  private static final double CALENDAR_WORSE = 1.1;

  /** Only so many last values are looked at. */
  static final int MOST_VALUES = 2048;

  private static final int LEAST_VALUES = 24;
  private static final int LEAST_PERIOD = 4;
  private static final double LONGEST_SHARE = 0.6;
  private static final double LONGEST_LAG_SHARE = 0.85;

  /** Share of the values from which a lag is long: few seasons are seen, likeness is asked for. */
  private static final double LONG_SHARE = 0.1;

  private static final double LEAST_LIKENESS = 0.5;

  /** A longer period must err less than this share of a shorter one. */
  private static final double CLEARLY_LESS = 0.8;

  private static final double LEAST_NOISE = 1e-9;

  /** Weight of a season in a mean, of the season after it. */
  private static final double KEPT = 0.8;

  /** Share of the values, at either end, that is limited to the rest. */
  private static final int LIMITED = 50;

  /** The season of a window. */
  public static Season of(double[] window) {
    return of(window, window.length);
  }

  /**
   * The season of a series, looked for in more values than it is used on.
   *
   * @param history oldest first, NaN where a value is missing; the last {@value #MOST_VALUES} count
   * @param context length of the windows it is used on; a period is at most 0.6 of it
   */
  static Season of(double[] history, int context) {
    double[] values =
        Arrays.copyOfRange(history, Math.max(0, history.length - MOST_VALUES), history.length);
    int used = Math.min(context, values.length);
    int longest = (int) (LONGEST_SHARE * used);
    int longestLag = Math.min((int) (LONGEST_LAG_SHARE * values.length), longest + longest / 2 + 1);
    double[] sorted = Robust.present(values);
    if (sorted.length < Math.max(LEAST_VALUES, values.length / 2)) {
      return NONE;
    }
    double[] apart = differences(limited(values, sorted), longestLag);
    double usual = Arrays.stream(apart, 1, apart.length).average().orElse(0);
    int best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int lag = LEAST_PERIOD; lag <= longest && lag + 1 < apart.length; lag++) {
      if (apart[lag] > apart[lag - 1] || apart[lag] > apart[lag + 1]) {
        continue;
      }
      double around =
          (apart[lag / 2] + apart[(lag + 1) / 2] + 2 * apart[Math.min(longestLag, 3 * lag / 2)])
              / 4;
      boolean dips = apart[lag] < (1 - (isCalendar(lag) ? CALENDAR_DIP : LEAST_DIP)) * around;
      boolean alike =
          lag <= LONG_SHARE * values.length || apart[lag] < (1 - LEAST_LIKENESS) * usual;
      double error = apart[lag] * (1 + 1 / seasonsMeant(used, lag));
      if (dips && alike && error < CLEARLY_LESS * least) {
        least = error;
        best = lag;
      }
    }
    return new Season(best == 1 ? 1 : onCalendar(best, longest, apart));
  }

  /** This season where a window is long enough for it, none where it is not. */
  Season within(double[] window) {
    return period <= LONGEST_SHARE * window.length ? this : NONE;
  }

  /**
   * For each value, the weighted mean of it and the values whole seasons before it.
   *
   * @param kept weight of a season, of the one after it; 0 for the last value alone
   * @return as long as the window, NaN where no value of the phase has been seen
   */
  public double[] means(double[] window, double kept) {
    double[] means = new double[window.length];
    double[] weights = new double[window.length];
    for (int i = 0; i < window.length; i++) {
      double before = i < period ? Double.NaN : means[i - period];
      double weight = i < period ? 0 : weights[i - period];
      if (Double.isNaN(window[i])) {
        means[i] = before;
        weights[i] = weight;
      } else {
        weights[i] = 1 + kept * weight;
        means[i] = weight == 0 ? window[i] : before + (window[i] - before) / weights[i];
      }
    }
    return means;
  }

  /** What lies apart from the mean of its phase before it; NaN where either is missing. */
  public double[] errors(double[] window, double[] means) {
    double[] errors = new double[window.length];
    Arrays.setAll(errors, i -> i < period ? Double.NaN : window[i] - means[i - period]);
    return errors;
  }

  /** Standard deviation of errors, a little where there are none. */
  static double noise(double[] errors) {
    double sigma = Robust.sigma(errors, 0);
    return sigma > LEAST_NOISE ? sigma : LEAST_NOISE;
  }

  /** The mean of the phase of a step behind the window; {@code otherwise} where it has none. */
  public double ahead(double[] means, int step, double otherwise) {
    int at = means.length - period + step % period;
    return at < 0 || Double.isNaN(means[at]) ? otherwise : means[at];
  }

  private static double[] limited(double[] values, double[] present) {
    Arrays.sort(present);
    double low = present[present.length / LIMITED];
    double high = present[present.length - 1 - present.length / LIMITED];
    return Arrays.stream(values).map(v -> Math.max(low, Math.min(high, v))).toArray();
  }

  /** Mean squared difference of values by lag. */
  private static double[] differences(double[] values, int longestLag) {
    double[] apart = new double[longestLag + 1];
    for (int lag = 1; lag <= longestLag; lag++) {
      double squares = 0;
      int pairs = 0;
      for (int i = lag; i < values.length; i++) {
        double difference = values[i] - values[i - lag];
        if (!Double.isNaN(difference)) {
          squares += difference * difference;
          pairs++;
        }
      }
      apart[lag] = pairs == 0 ? 0 : squares / pairs;
    }
    return apart;
  }

  /** How many equal values the weighted mean over the seasons of a window is worth. */
  private static double seasonsMeant(int length, int period) {
    double weight = 1;
    double sum = 0;
    double squares = 0;
    for (int at = length - period; at >= 0; at -= period) {
      sum += weight;
      squares += weight * weight;
      weight *= KEPT;
    }
    return sum * sum / squares;
  }

  private static boolean isCalendar(int lag) {
    return Arrays.stream(CALENDAR).anyMatch(c -> Math.abs(c - lag) <= CALENDAR_WIDTH * c);
  }

  private static int onCalendar(int period, int longest, double[] apart) {
    for (int calendar : CALENDAR) {
      if (calendar <= longest
          && Math.abs(calendar - period) <= CALENDAR_WIDTH * calendar
          && apart[calendar] <= CALENDAR_WORSE * apart[period]) {
        return calendar;
      }
    }
    return period;
  }
}
