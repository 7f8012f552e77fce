package io.foresplit.forecaster;

/**
 * Scores each value of a series by how unlikely it is after those before it. Four deviations are
 * watched: the step from the last value (spikes, jumps), the distance of the recent level from the
 * long one (shifts), the ratio of recent to long variation (changes of variance), and, where the
 * series has a period, the distance from the values one to three periods ago (seasonal anomalies,
 * such as a peak that stays away). Each is turned into a tail probability by its own past ({@link
 * AnomalyTail}), and the least likely of them counts (derived; short window against long
 * distribution as in Ahmad et al. 2017). One event is one alarm: after a surprise, the next ones
 * have to exceed what is left of it, which fades within some hundred values.
 *
 * <p>Strictly online, no clock, deterministic; about 20 KB a series at most, whatever its length.
 * The scale of the series does not matter. Mutable, not thread-safe; one instance a series.
 */
public final class AnomalyScorer {
  /** Values over which the score grows from nothing to its full size. */
  private static final int WARM_UP = 300;

  private static final double RECENT = 0.2;
  private static final double RECENT_VARIATION = 0.05;
  private static final double LONG = 0.002;

  /** Surprise up to here, one in three hundred, is everyday and dulls nothing. */
  private static final double EVERYDAY = 2.5;

  private static final double DULLED_FADES = 0.005;

  /** The surprise, in powers of ten, that has the score of one half. */
  private static final double HALF = 4;

  private static final double LARGEST = 1e300;

  private final AnomalyTail steps = new AnomalyTail();
  private final AnomalyTail shifts = new AnomalyTail();
  private final AnomalyTail variations = new AnomalyTail();
  private final AnomalyTail seasons = new AnomalyTail();
  private final SeasonalMemory memory = new SeasonalMemory();

  private long count;
  private double last;
  private double recentLevel;
  private double longLevel;
  private double recentVariation;
  private double longVariation;
  private double seasonal;
  private double dulled;

  /**
   * Scores the next value.
   *
   * @param value NaN when it is missing, which scores 0; must not be infinite
   * @return in [0, 1): 0 for the everyday, 0.5 for what happens once in ten thousand values
   */
  public double next(double value) {
    if (Double.isInfinite(value)) {
      throw new IllegalArgumentException("value must be finite or NaN for missing, was " + value);
    }
    dulled *= 1 - DULLED_FADES;
    if (Double.isNaN(value)) {
      memory.append(value);
      return 0;
    }
    double x = Math.max(-LARGEST, Math.min(LARGEST, value));
    if (count == 0) {
      last = x;
      recentLevel = x;
      longLevel = x;
    }
    double surprise = surprise(x) * Math.min(1, count / (double) WARM_UP);
    double news = Math.max(0, surprise - dulled);
    dulled = Math.max(dulled, surprise - EVERYDAY);
    return news / (news + HALF);
  }

  /** Surprise at a value, which is learnt. */
  private double surprise(double x) {
    double off = Math.abs(x - recentLevel);
    double distance = memory.distance(x);
    double step = Math.abs(x - last);
    double surprise = look(steps, Double.isNaN(distance) ? step : Math.min(step, distance));
    recentLevel += RECENT * (x - recentLevel);
    surprise = Math.max(surprise, look(shifts, Math.abs(recentLevel - longLevel)));
    surprise = Math.max(surprise, look(variations, variation()));
    if (!Double.isNaN(distance)) {
      seasonal += RECENT * (distance - seasonal);
      surprise = Math.max(surprise, look(seasons, seasonal));
    }
    double weight = Math.max(LONG, 1.0 / (count + 1));
    longLevel += weight * (x - longLevel);
    recentVariation += RECENT_VARIATION * (off - recentVariation);
    longVariation += weight * (off - longVariation);
    last = x;
    memory.append(x);
    count++;
    return surprise;
  }

  private static double look(AnomalyTail tail, double deviation) {
    double surprise = tail.surprise(deviation);
    tail.learn(deviation);
    return surprise;
  }

  /** Recent over long variation or the inverse, whichever is above 1; 0 without variation. */
  private double variation() {
    if (recentVariation <= 0 || longVariation <= 0) {
      return 0;
    }
    double ratio = recentVariation / longVariation;
    return Math.min(Math.max(ratio, 1 / ratio), LARGEST);
  }
}
