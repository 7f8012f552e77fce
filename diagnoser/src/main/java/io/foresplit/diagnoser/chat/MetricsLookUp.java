package io.foresplit.diagnoser.chat;

import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.Robust;
import io.foresplit.diagnoser.Words;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The measured values of a series.
 *
 * @param last interval of the newest value wanted
 * @param length how many intervals
 */
public record MetricsLookUp(SeriesKey series, long last, int length)
    implements LookUp<MetricsLookUp.Found> {
  /** Most intervals of one look-up. */
  public static final int MOST = 2_400;

  public MetricsLookUp {
    if (length < 1 || length > MOST) {
      throw new IllegalArgumentException(
          "length must be between 1 and " + MOST + ", was " + length);
    }
  }

  @Override
  public String name() {
    return "metrics";
  }

  @Override
  public Map<String, String> arguments() {
    return Map.of("series", series.toString(), "intervals", Integer.toString(length));
  }

  @Override
  public Found in(IncidentFacts facts) {
    double[] values = facts.history().window(facts.incident().job(), series, last, length).values();
    double[] present = Arrays.stream(values).filter(v -> !Double.isNaN(v)).toArray();
    return new Found(
        series,
        length,
        present.length,
        Arrays.stream(present).min(),
        present.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Robust.median(present)),
        Arrays.stream(present).max(),
        facts.end(last));
  }

  /**
   * What was measured; nothing is there when {@code present} is 0.
   *
   * @param length intervals asked for
   * @param present intervals with a value
   */
  public record Found(
      SeriesKey series,
      int length,
      int present,
      OptionalDouble lowest,
      OptionalDouble median,
      OptionalDouble highest,
      Instant until)
      implements LookUp.Result {
    @Override
    public String text() {
      if (present == 0) {
        return "no values of the " + Words.of(series) + " are held for that time";
      }
      return "the "
          + Words.of(series)
          + " was "
          + value(median)
          + " in the median, "
          + value(lowest)
          + " to "
          + value(highest)
          + ", in "
          + present
          + " of "
          + length
          + " intervals up to "
          + Times.clock(until);
    }

    private String value(OptionalDouble value) {
      Metric metric = series.metric();
      return Words.value(metric, value.orElse(Double.NaN));
    }
  }
}
