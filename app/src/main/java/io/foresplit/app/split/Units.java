package io.foresplit.app.split;

import java.util.Locale;

/** Numbers for people: three significant digits and a unit. */
final class Units {
  private static final String[] SIZES = {"B", "kB", "MB", "GB", "TB", "PB"};
  private static final String[] TIMES = {"s", "ms", "µs", "ns"};

  private Units() {}

  static String seconds(double seconds) {
    if (seconds == 0) {
      return "0 s";
    }
    int unit = 0;
    double value = seconds;
    while (unit < TIMES.length - 1 && value < 0.9995) {
      value *= 1e3;
      unit++;
    }
    return digits(value) + " " + TIMES[unit];
  }

  static String bytes(double bytes) {
    int unit = 0;
    double value = bytes;
    while (unit < SIZES.length - 1 && value >= 999.5) {
      value /= 1e3;
      unit++;
    }
    return (unit == 0 ? String.valueOf(Math.round(value)) : digits(value)) + " " + SIZES[unit];
  }

  /** How much more a ratio is than 1, such as {@code +4.2 %} or {@code ×12}. */
  static String more(double ratio) {
    if (!Double.isFinite(ratio) || ratio > 1e6) {
      return "";
    }
    if (ratio >= 10) {
      return String.format(Locale.ROOT, "×%.0f", ratio);
    }
    double percent = (ratio - 1) * 100;
    return Math.abs(percent) < 1e-6 ? "same" : String.format(Locale.ROOT, "%+.1f %%", percent);
  }

  private static String digits(double value) {
    String form = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, form, value);
  }
}
