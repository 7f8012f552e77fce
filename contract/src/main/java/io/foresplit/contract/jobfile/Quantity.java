package io.foresplit.contract.jobfile;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, read into SI units: seconds, bytes, bytes per second. */
public enum Quantity {
  TIME(
      "a time such as '350 ms'",
      Map.of("us", "1e-6", "ms", "1e-3", "s", "1", "min", "60", "h", "3600")),
  SECONDS(
      "a time such as '30 ms', or seconds",
      Map.of("us", "1e-6", "ms", "1e-3", "s", "1", "min", "60", "", "1")),
  RATE(
      "a rate such as '40 Mbit/s' or '5 MB/s', or bytes per second",
      Map.of(
          "bit/s", "0.125",
          "kbit/s", "125",
          "Mbit/s", "125e3",
          "Gbit/s", "125e6",
          "B/s", "1",
          "kB/s", "1e3",
          "MB/s", "1e6",
          "GB/s", "1e9",
          "", "1")),
  SIZE(
      "a size such as '512 MB', or bytes",
      Map.of("B", "1", "kB", "1e3", "MB", "1e6", "GB", "1e9", "", "1")),
  SHARE("a share such as 0.05 or '5 %'", Map.of("", "1", "%", "0.01")),
  NUMBER("a number", Map.of("", "1"));

  private static final Pattern FORM =
      Pattern.compile(
          "\\s*([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d{1,3})?)\\s*([A-Za-z/%]*)\\s*");

  private final String expected;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot change
  private final Map<String, String> factors;

  Quantity(String expected, Map<String, String> factors) {
    this.expected = expected;
    this.factors = Map.copyOf(factors);
  }

  /** For "expected …". */
  String expected() {
    return expected;
  }

  /** The value in SI units, finite; empty when the text is not such a quantity. */
  OptionalDouble read(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return OptionalDouble.empty();
    }
    String factor = factors.get(matcher.group(2));
    if (factor == null) {
      return OptionalDouble.empty();
    }
    double value = new BigDecimal(matcher.group(1)).multiply(new BigDecimal(factor)).doubleValue();
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  /**
   * Writes a value so that {@link #read} gives the very same: in the unit in which it is shortest,
   * the largest of those.
   *
   * @param value in SI units, finite
   */
  public String write(double value) {
    String shortest = "";
    BigDecimal largest = BigDecimal.ZERO;
    boolean named = factors.entrySet().stream().anyMatch(Quantity::isNamedBase);
    for (Map.Entry<String, String> unit : factors.entrySet()) {
      if (named && unit.getKey().isEmpty()) {
        continue;
      }
      BigDecimal factor = new BigDecimal(unit.getValue());
      String number =
          BigDecimal.valueOf(value)
              .divide(factor, MathContext.DECIMAL128)
              .stripTrailingZeros()
              .toPlainString();
      String text = unit.getKey().isEmpty() ? number : number + " " + unit.getKey();
      OptionalDouble back = read(text);
      int shorter = shortest.isEmpty() ? 1 : shortest.length() - text.length();
      if (back.isPresent()
          && back.getAsDouble() == value
          && (shorter > 0 || (shorter == 0 && factor.compareTo(largest) > 0))) {
        shortest = text;
        largest = factor;
      }
    }
    return shortest.isEmpty() ? String.valueOf(value) : shortest;
  }

  private static boolean isNamedBase(Map.Entry<String, String> unit) {
    return unit.getValue().equals("1") && !unit.getKey().isEmpty();
  }

  /** How a value in the unit of a metric is written. */
  public static Quantity ofUnit(String unit) {
    return switch (unit) {
      case "s" -> TIME;
      case "bytes" -> SIZE;
      case "bytes/s" -> RATE;
      default -> NUMBER;
    };
  }
}
