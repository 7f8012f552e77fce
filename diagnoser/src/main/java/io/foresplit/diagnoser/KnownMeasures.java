package io.foresplit.diagnoser;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers with their units, to tell whether another text gives one a unit it has not: 347 seconds
 * where 347 kB/s were measured, or 20 s for 20 ms. Times, rates, sizes and shares are compared in
 * seconds, bytes a second, bytes and parts of one; a known number without a unit may have any. Not
 * thread-safe.
 */
final class KnownMeasures {
  private static final Pattern MEASURE =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}_.:,])(\\d{1,15}(?:\\.\\d{1,15})?)\\s?(?:(%|percent)"
              + "|(s|secs?|seconds?|ms|milliseconds?|[uµ]s|microseconds?|mins?|minutes?|hours?)"
              + "|([kKMG]?)(B|bits?|bytes?)(/s| per second| a second)?)(?![\\p{L}\\p{N}/])");

  private static final Pattern BARE =
      Pattern.compile("(?<![\\p{L}\\p{N}_.:,])(\\d{1,15}(?:\\.\\d{1,15})?)(?![\\p{N}:]|[.,]\\d)");

  private static final double BITS = 8;
  private static final double TOLERANCE = 0.005;

  /** Share of a value by which rounding may change it. */
  private static final double COARSEST = 0.1;

  private enum Quantity {
    ANY,
    TIME,
    RATE,
    SIZE,
    SHARE
  }

  /**
   * @param rounding half a unit of the last digit that means something, as a share of the value
   */
  private record Measure(Quantity quantity, double value, double rounding) {
    boolean isOf(Measure known) {
      boolean comparable = known.quantity == quantity || known.quantity == Quantity.ANY;
      double most = Math.max(TOLERANCE, Math.min(rounding, COARSEST));
      return comparable && Math.abs(value - known.value) <= most * known.value;
    }
  }

  private final List<Measure> known = new ArrayList<>();

  /** The numbers of a text, with their units or without. */
  void add(String text) {
    StringBuilder rest = new StringBuilder();
    Matcher measure = MEASURE.matcher(text);
    while (measure.find()) {
      known.add(measure(measure));
      measure.appendReplacement(rest, " ");
    }
    measure.appendTail(rest);
    Matcher bare = BARE.matcher(rest);
    while (bare.find()) {
      known.add(new Measure(Quantity.ANY, Double.parseDouble(bare.group(1)), 0));
    }
  }

  /** A value in the unit in which its kind is compared. */
  void add(double value) {
    known.add(new Measure(Quantity.ANY, value, 0));
  }

  /** Whether all numbers of a text that have a unit were given, and with it. */
  boolean cover(String text) {
    return MEASURE
        .matcher(text)
        .results()
        .map(found -> MEASURE.matcher(found.group()))
        .filter(Matcher::matches)
        .map(KnownMeasures::measure)
        .allMatch(said -> known.stream().anyMatch(said::isOf));
  }

  private static Measure measure(Matcher found) {
    BigDecimal said = new BigDecimal(found.group(1));
    double value = said.doubleValue();
    int scale = said.scale() > 0 ? said.scale() : said.stripTrailingZeros().scale();
    double rounding = value == 0 ? 0 : 0.5001 * Math.pow(10, -scale) / value;
    if (found.group(2) != null) {
      return new Measure(Quantity.SHARE, value / 100, rounding);
    } else if (found.group(3) != null) {
      return new Measure(Quantity.TIME, value * seconds(found.group(3)), rounding);
    }
    double bytes = value * prefix(found.group(4)) / (found.group(5).startsWith("bit") ? BITS : 1);
    return new Measure(found.group(6) == null ? Quantity.SIZE : Quantity.RATE, bytes, rounding);
  }

  private static double seconds(String unit) {
    return switch (unit.toLowerCase(Locale.ROOT).substring(0, Math.min(2, unit.length()))) {
      case "ms" -> 1e-3;
      case "us", "µs" -> 1e-6;
      case "mi" -> unit.startsWith("mil") ? 1e-3 : unit.startsWith("mic") ? 1e-6 : 60;
      case "ho" -> 3_600;
      default -> 1;
    };
  }

  private static double prefix(String prefix) {
    return switch (prefix) {
      case "k", "K" -> 1e3;
      case "M" -> 1e6;
      case "G" -> 1e9;
      default -> 1;
    };
  }
}
