package io.foresplit.contract.jobfile;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, read into SI units: seconds, bytes, bytes per second. */
enum Quantity {
  TIME(
      "a time such as '350 ms'",
      Map.of("us", 1e-6, "ms", 1e-3, "s", 1.0, "min", 60.0, "h", 3600.0)),
  RATE(
      "a rate such as '40 Mbit/s' or '5 MB/s', or bytes per second",
      Map.ofEntries(
          Map.entry("bit/s", 1 / 8.0),
          Map.entry("kbit/s", 1e3 / 8),
          Map.entry("Mbit/s", 1e6 / 8),
          Map.entry("Gbit/s", 1e9 / 8),
          Map.entry("B/s", 1.0),
          Map.entry("kB/s", 1e3),
          Map.entry("MB/s", 1e6),
          Map.entry("GB/s", 1e9),
          Map.entry("", 1.0))),
  SIZE(
      "a size such as '512 MB', or bytes",
      Map.of("B", 1.0, "kB", 1e3, "MB", 1e6, "GB", 1e9, "", 1.0)),
  NUMBER("a number", Map.of("", 1.0));

  private static final Pattern FORM =
      Pattern.compile("\\s*([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)\\s*([A-Za-z/]*)\\s*");

  private final String expected;
  private final Map<String, Double> factors;

  Quantity(String expected, Map<String, Double> factors) {
    this.expected = expected;
    this.factors = new TreeMap<>(factors);
  }

  /** For "expected …". */
  String expected() {
    return expected;
  }

  /** The value in SI units; empty when the text is not such a quantity. */
  OptionalDouble read(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return OptionalDouble.empty();
    }
    Double factor = factors.get(matcher.group(2));
    return factor == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(Double.parseDouble(matcher.group(1)) * factor);
  }

  /** How a value in the unit of a metric is written. */
  static Quantity ofUnit(String unit) {
    return switch (unit) {
      case "s" -> TIME;
      case "bytes" -> SIZE;
      case "bytes/s" -> RATE;
      default -> NUMBER;
    };
  }
}
