package io.foresplit.diagnoser;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers of texts, to tell whether a text invents any. Rounding, signs and the usual changes
 * of units (milli, kilo, mega, giga, per cent) are allowed. Numbers in words are not seen. Pure.
 */
final class Numbers {
  private static final String VALUE = "(\\d+(?:\\.(\\d+))?(?:[eE]([-+]?\\d{1,3})(?!\\d))?)(\\s?%)?";
  private static final Pattern NUMBER = Pattern.compile(VALUE);

  /** Not a part of a name. */
  private static final Pattern ALONE = Pattern.compile("(?<![\\p{L}\\d_.])(?<!\\p{L}-)" + VALUE);

  private static final String IN_WORD = "[^\\s,;()\\[\\]\"']*";
  private static final Pattern WORD = Pattern.compile(IN_WORD + "[0-9]" + IN_WORD + "(?:\\s%)?");
  private static final Pattern THOUSANDS = Pattern.compile("(?<=\\d),(?=\\d{3}(?!\\d))");
  private static final Pattern LETTER = Pattern.compile("\\p{L}");
  private static final Pattern TRAILING_ZEROS = Pattern.compile("(?<=[1-9])0+$");
  private static final double[] UNITS = {1, 1e-9, 1e-6, 1e-3, 1e3, 1e6, 1e9};
  private static final double TOLERANCE = 0.005;

  /** Share of a value by which rounding may change it. */
  private static final double COARSEST = 0.1;

  private Numbers() {}

  /** The values in a text, without signs. */
  static List<Double> of(String text) {
    List<Double> values = new ArrayList<>();
    Matcher number = ALONE.matcher(THOUSANDS.matcher(text).replaceAll(""));
    while (number.find()) {
      values.addAll(values(number));
    }
    return values;
  }

  /**
   * Whether each number in a text is one of those known.
   *
   * @param names a text whose words may be used whatever digits they hold, such as {@code edge-2}
   */
  static boolean areKnown(String text, List<Double> known, String names) {
    Matcher word = WORD.matcher(THOUSANDS.matcher(text).replaceAll(""));
    while (word.find()) {
      String said = word.group().replaceAll("[.,:!?]+$", "");
      boolean isName =
          LETTER.matcher(said).find()
              && Pattern.compile("(?<![\\p{L}\\p{N}])" + Pattern.quote(said) + "(?![\\p{L}\\p{N}])")
                  .matcher(names)
                  .find();
      if (!isName && !holdsKnown(said, known)) {
        return false;
      }
    }
    return true;
  }

  /** A percentage is a share, too. */
  private static List<Double> values(Matcher number) {
    double value = Double.parseDouble(number.group(1));
    return number.group(4) == null ? List.of(value) : List.of(value, value / 100);
  }

  private static boolean holdsKnown(String word, List<Double> known) {
    Matcher number = NUMBER.matcher(word);
    while (number.find()) {
      List<Double> values = values(number);
      double rounding = 0.5001 * unit(number) / values.get(0);
      boolean isKnown =
          values.stream()
              .anyMatch(
                  value -> known.stream().anyMatch(k -> isSame(value, rounding, Math.abs(k))));
      if (!isKnown) {
        return false;
      }
    }
    return true;
  }

  /** Of the last digit that means something. */
  private static double unit(Matcher number) {
    int exponent = number.group(3) == null ? 0 : Integer.parseInt(number.group(3));
    Matcher zeros = TRAILING_ZEROS.matcher(number.group(1));
    int digits =
        number.group(2) != null
            ? -number.group(2).length()
            : zeros.find() ? zeros.end() - zeros.start() : 0;
    return Math.pow(10, exponent + digits);
  }

  /**
   * @param rounding by which share of it the number may have been rounded
   */
  private static boolean isSame(double said, double rounding, double known) {
    double most = Math.max(TOLERANCE, Math.min(rounding, COARSEST));
    return said == known
        || Arrays.stream(UNITS)
            .map(unit -> known * unit)
            .anyMatch(value -> value > 0 && Math.abs(said - value) <= most * value);
  }
}
