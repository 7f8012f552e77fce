package io.foresplit.forecaster;

import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Follows the metric of one objective. Mutable, not thread-safe. */
final class ObjectiveWatch {
  private static final int SHORT_GAP = 2;
  private static final double HALF_WAY = 0.5;

  /** Intervals without the end of a step after which training stands still. */
  private static final int STANDING_INTERVALS = 2;

  private boolean armed;
  private int withinRun;
  private int aboveRun;
  private int gap;
  private int standing;
  private int highRun;
  private double last = Double.NaN;
  private final ShiftDetector shift = new ShiftDetector();

  /** Intervals the metric has to stay above the bound. */
  static int durationTicks(Objective objective, IntervalTick tick) {
    long length = Math.max(1, tick.length().toMillis());
    return (int) Math.max(1, (objective.duration().toMillis() + length - 1) / length);
  }

  /**
   * The value of an interval, NaN when there was none. A long step leaves gaps, during which the
   * metric stays where it was, or is as long as the gap when that is longer: while all nodes report
   * and no step ends, the one under way lasts.
   *
   * @param told whether all nodes reported, and some of them values
   */
  void observe(Objective objective, IntervalTick tick, double value, boolean told) {
    if (Double.isNaN(value)) {
      gap++;
      double lengths = last * 1000 / Math.max(1, tick.length().toMillis());
      boolean oneLongStep = objective.metric() == Metric.STEP_SECONDS && gap <= 1.5 * lengths;
      standing =
          told && !Double.isNaN(last) && objective.metric() == Metric.STEP_SECONDS
              ? standing + 1
              : 0;
      boolean tooLong = underWay(tick) > objective.bound();
      if (tooLong || (aboveRun > 0 && (gap <= SHORT_GAP || oneLongStep))) {
        aboveRun++;
      }
      return;
    }
    gap = 0;
    standing = 0;
    last = value;
    boolean above = value > objective.bound();
    aboveRun = above ? aboveRun + 1 : 0;
    withinRun = above ? 0 : withinRun + 1;
    armed |= withinRun >= durationTicks(objective, tick);
    if (armed) {
      Metric metric = objective.metric();
      shift.observe(Scale.of(metric).toModel(value), metric);
    }
  }

  /** A new cut: what was above the bound may no longer be. */
  void onEpoch(Objective objective) {
    if (WindowAssembler.dependsOnCut(objective.metric())) {
      aboveRun = 0;
      highRun = 0;
      standing = 0;
      last = Double.NaN;
      shift.restart();
    }
  }

  ShiftDetector shift() {
    return shift;
  }

  /**
   * Whether the metric has lastingly left what is healthy, so far towards its bound that it is to
   * be breached. Where conditions foretell the metric, it must be beyond the bound; without such
   * witnesses half of the way is enough.
   *
   * @param enough values that what is healthy must have been learnt from
   */
  boolean hasShifted(Objective objective, int enough) {
    Metric metric = objective.metric();
    double way = WindowAssembler.dependsOnCut(metric) ? 1 : HALF_WAY;
    return shift.hasShifted(Scale.of(metric).toModel(objective.bound()), way, enough);
  }

  boolean armed() {
    return armed;
  }

  int aboveRun() {
    return aboveRun;
  }

  /**
   * The last value measured, or that of the step under way as far as it has come; NaN before there
   * is one.
   */
  double last(IntervalTick tick) {
    return Math.max(last, underWay(tick));
  }

  /** Seconds that the step under way has lasted at least; 0 while steps end. */
  private double underWay(IntervalTick tick) {
    return standing * tick.length().toMillis() / 1e3;
  }

  /**
   * Whether the metric is bound to breach its objective without any forecast: it has shifted for
   * certain, or no step ends any more, for longer than one may take.
   *
   * @param enough as of {@link #hasShifted}
   */
  boolean isCertain(Objective objective, IntervalTick tick, int enough) {
    boolean standsStill =
        armed && standing >= STANDING_INTERVALS && underWay(tick) > objective.bound();
    return standsStill || hasShifted(objective, enough);
  }

  /** Intervals in a row in which no step ended although all nodes reported. */
  int standing() {
    return standing;
  }

  /** Counts intervals in a row with a high probability of a breach. */
  int high(boolean high) {
    highRun = high ? highRun + 1 : 0;
    return highRun;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeBoolean(armed);
    out.writeInt(withinRun);
    out.writeInt(aboveRun);
    out.writeInt(gap);
    out.writeInt(standing);
    out.writeInt(highRun);
    out.writeDouble(last);
    shift.writeTo(out);
  }

  void readFrom(DataInput in) throws IOException {
    armed = in.readBoolean();
    withinRun = in.readInt();
    aboveRun = in.readInt();
    gap = in.readInt();
    standing = in.readInt();
    highRun = in.readInt();
    last = in.readDouble();
    shift.readFrom(in);
  }
}
