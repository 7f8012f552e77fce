package io.foresplit.diagnoser;

import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.Optional;

/**
 * How far a series went after an onset from where it lay before, after BARO's RobustScorer (Pham et
 * al. 2024, "BARO: Robust Root Cause Analysis for Microservices via Multivariate Bayesian Online
 * Change Point Detection"): the greatest distance from the median in units of the quartile
 * distance. Added to it (derived): what does not last counts for less; the distance is taken
 * relative to how far the series went before anyway, and from where it lay last, if that is nearer;
 * a spread far below that of the same metric elsewhere is not believed; a change for the better
 * counts for little.
 *
 * @param before median before the onset
 * @param extreme the value kept up for a while that is furthest from it afterwards
 * @param distance of the extreme from the median, in units of the spread before, not negative
 * @param strength that distance over the usual one before the onset, less where few values are or
 *     the direction says little, in [0, {@value #MOST}]
 */
record MetricChange(
    MetricSeries series, double before, double extreme, double distance, double strength) {
  static final double MOST = 100_000;

  /** Below it a series did not leave where it was. */
  static final double LEAST_STRENGTH = 1.5;

  /** The most that a series tells of a metric that hardly ever moves: how far is far for it? */
  private static final double MOST_OF_STILL = 20;

  /** A spread below this share of the level is not believed. */
  private static final double LEAST_SPREAD = 0.01;

  /** The same of what is mostly at its best, as availability is: neither level nor others tell. */
  private static final double LEAST_SPREAD_OF_HEALTH = 0.001;

  /** Nor one below this share of the median spread of the same metric of other components. */
  private static final double LEAST_OF_OTHERS = 0.1;

  /** A change that does not last is as one that does and is this share of it, or its root. */
  private static final double BRIEF = 0.1;

  /** What remains of a change that was there before the onset already. */
  private static final double OLD = 0.3;

  /** A series present in less than this share of the steps before counts for less. */
  private static final double ENOUGH_COVERAGE = 0.5;

  private static final double TINY = 1e-9;

  /**
   * The change from a baseline; empty when nothing is known of the time after.
   *
   * @param others median spread of the same metric over components where it often moves; 0 where
   *     none does
   */
  static Optional<MetricChange> of(
      Baseline base, OnsetWindow window, MetricMeaning meaning, double others) {
    double[] after = Baseline.present(base.values(), window.onset(), base.values().length);
    if (after.length == 0) {
      return Optional.empty();
    }
    double[] held = Held.of(after, window.hold());
    double[] lasting = Held.longer(held, Held.power(window.hold()), window.last());
    double highest = base.center() + most(held, base.center(), 1);
    double lowest = base.center() - most(held, base.center(), -1);
    double up = most(lasting, base.center(), 1);
    double down = most(lasting, base.center(), -1);
    double old = base.recent() - base.center();
    if (Math.abs(old) <= Math.max(base.quartiles(), base.usual())) {
      old = 0; // as usual
    }
    up = meaning.rise() * fresh(kept(highest - base.center(), up), old);
    down = meaning.fall() * fresh(kept(base.center() - lowest, down), -old);
    double extreme = up >= down ? highest : lowest;
    double spread = base.quartiles();
    boolean health = meaning == MetricMeaning.HEALTH;
    spread = Math.max(spread, health ? 0 : LEAST_OF_OTHERS * others);
    double share = health ? LEAST_SPREAD_OF_HEALTH : LEAST_SPREAD;
    spread = Math.max(spread, Math.max(share * Math.abs(base.center()), TINY));
    double most = base.still() && others == 0 && !health ? MOST_OF_STILL : MOST;
    double coverage = Math.min(1, base.coverage() / ENOUGH_COVERAGE);
    double strength = Math.max(0, Math.max(up, down)) / Math.max(spread, base.usual());
    return Optional.of(
        new MetricChange(
            base.series(),
            base.center(),
            extreme,
            Math.min(Math.abs(extreme - base.center()) / spread, Double.MAX_VALUE),
            coverage * Math.min(strength, most)));
  }

  /** The greatest distance above or below a centre; not positive when there is none. */
  private static double most(double[] values, double center, int sign) {
    double most = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      double distance = sign * (value - center);
      if (distance > most) { // quicker than Math.max
        most = distance;
      }
    }
    return most;
  }

  /** Between the distance of a moment and the one that lasted. */
  private static double kept(double moment, double lasted) {
    return moment <= 0 ? 0 : Math.sqrt(moment * Math.max(lasted, BRIEF * moment));
  }

  /** The part of a distance that was not there before. */
  private static double fresh(double distance, double before) {
    return Math.max(OLD * distance, Math.min(distance, distance - before));
  }

  MetricChange withStrength(double other) {
    return new MetricChange(series, before, extreme, distance, other);
  }

  boolean standsOut() {
    return strength >= LEAST_STRENGTH;
  }
}
