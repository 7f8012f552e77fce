package io.foresplit.diagnoser;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers of texts, to tell whether another text invents any, or gives one a unit it has not:
 * decimals, dates, times of day, numbers in words. Signs do not count. Digits within a name are no
 * number, but the name may be repeated. Not thread-safe.
 */
public final class KnownNumbers {
  /** How a known number may be changed. */
  public enum Freedom {
    /** Rounded to two digits or more. */
    ROUNDED,
    /** Rounded by a tenth at most, and in other units (milli, kilo, mega, giga, per cent). */
    OTHER_UNITS
  }

  private static final int LONGEST = 30;
  private static final String TIME = "\\d{4}-\\d{2}-\\d{2}|\\d{1,2}:\\d{2}(?::\\d{2})?";
  private static final String VALUE = "\\d+(?:[.,]\\d+)*(?:[eE][-+]?\\d{1,3}(?!\\d))?";
  private static final Pattern NUMBER = Pattern.compile("(" + TIME + "|" + VALUE + ")(\\s?%)?");

  /** Not a part of a name. */
  private static final Pattern ALONE =
      Pattern.compile("(" + TIME + "|(?<![\\p{L}\\d_.])(?<!\\p{L}-)" + VALUE + ")(\\s?%)?");

  private static final Pattern THOUSANDS = Pattern.compile("\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?");
  private static final Pattern DECIMAL = Pattern.compile("\\d+(?:[.,]\\d+)?");
  private static final Pattern POWER = Pattern.compile("\\d+(?:\\.\\d+)?[eE][-+]?\\d{1,3}");

  /** Digits of other scripts, powers, fractions. */
  private static final Pattern OTHER_NUMBER = Pattern.compile("[\\p{N}&&[^0-9]]");

  private static final String IN_WORD = "[^\\s,;()\\[\\]\"']*";
  private static final Pattern WITH_DIGIT = Pattern.compile(IN_WORD + "[0-9]" + IN_WORD);

  /** With its unit; this is no name. */
  private static final Pattern MEASURE =
      Pattern.compile("\\P{L}*(?:[eE][-+]?\\d+)?(?:x|m?s|[kMG]?B)?(?:/s)?");

  private static final Pattern WORD = Pattern.compile("\\p{L}+");
  private static final double[] UNITS = {1, 1e-9, 1e-6, 1e-3, 1e3, 1e6, 1e9};
  private static final double TOLERANCE = 0.005;

  /** Share of a value by which rounding may change it. */
  private static final double COARSEST = 0.1;

  /** One is left out: as a rule it counts nothing. */
  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("zero", "0"),
          Map.entry("half", "0.5"),
          Map.entry("two", "2"),
          Map.entry("twice", "2"),
          Map.entry("double", "2"),
          Map.entry("doubled", "2"),
          Map.entry("doubles", "2"),
          Map.entry("halved", "2"),
          Map.entry("three", "3"),
          Map.entry("triple", "3"),
          Map.entry("tripled", "3"),
          Map.entry("four", "4"),
          Map.entry("five", "5"),
          Map.entry("six", "6"),
          Map.entry("seven", "7"),
          Map.entry("eight", "8"),
          Map.entry("nine", "9"),
          Map.entry("ten", "10"),
          Map.entry("tenfold", "10"),
          Map.entry("eleven", "11"),
          Map.entry("twelve", "12"),
          Map.entry("dozen", "12"),
          Map.entry("fifteen", "15"),
          Map.entry("twenty", "20"),
          Map.entry("thirty", "30"),
          Map.entry("forty", "40"),
          Map.entry("fifty", "50"),
          Map.entry("sixty", "60"),
          Map.entry("seventy", "70"),
          Map.entry("eighty", "80"),
          Map.entry("ninety", "90"),
          Map.entry("hundred", "100"),
          Map.entry("thousand", "1000"),
          Map.entry("million", "1000000"),
          Map.entry("billion", "1000000000"));

  private final Freedom freedom;
  private final Set<String> texts = new HashSet<>();
  private final Set<BigDecimal> values = new HashSet<>();
  private final StringBuilder names = new StringBuilder();
  private final KnownMeasures measures = new KnownMeasures();

  public KnownNumbers(Freedom freedom) {
    this.freedom = freedom;
  }

  /** The numbers and names of a text. */
  public KnownNumbers add(String text) {
    Matcher number = ALONE.matcher(text);
    while (number.find()) {
      texts.add(number.group(1));
      values.addAll(values(number));
    }
    measures.add(text);
    return addNames(text);
  }

  /** The names of a text, not its numbers. */
  KnownNumbers addNames(String text) {
    names.append(text).append('\n');
    return this;
  }

  /** A value that is not finite is none. */
  KnownNumbers add(double value) {
    if (Double.isFinite(value)) {
      values.add(BigDecimal.valueOf(Math.abs(value)));
      measures.add(Math.abs(value));
    }
    return this;
  }

  /** Whether a text holds no numbers, and no names with digits, but these. */
  public boolean cover(String text) {
    String unnamed =
        WITH_DIGIT
            .matcher(text)
            .replaceAll(
                word -> isName(word.group()) ? " " : Matcher.quoteReplacement(word.group()));
    Matcher number = NUMBER.matcher(unnamed);
    while (number.find()) {
      if (!isKnown(number)) {
        return false;
      }
    }
    Matcher word = WORD.matcher(unnamed);
    while (word.find()) {
      String meant = WORDS.get(word.group().toLowerCase(Locale.ROOT));
      if (meant != null && !texts.contains(meant) && !isNear(new BigDecimal(meant))) {
        return false;
      }
    }
    return !OTHER_NUMBER.matcher(text).find() && measures.cover(unnamed);
  }

  /** Whether a text holds a number at all. */
  public static boolean in(String text) {
    return NUMBER.matcher(text).find();
  }

  private boolean isName(String word) {
    String said = word.replaceAll("[.,:!?]+$", "");
    return !MEASURE.matcher(said).matches()
        && Pattern.compile("(?<![\\p{L}\\p{N}])" + Pattern.quote(said) + "(?![\\p{L}\\p{N}])")
            .matcher(names)
            .find();
  }

  private boolean isKnown(Matcher number) {
    String said = number.group(1);
    if (texts.contains(said)) {
      return true;
    }
    return said.contains(":")
        ? texts.stream().anyMatch(time -> time.startsWith(said + ":"))
        : values(number).stream().anyMatch(this::isNear);
  }

  /** A percentage is a share, too, where units may change. */
  private List<BigDecimal> values(Matcher number) {
    Optional<BigDecimal> value = value(number.group(1));
    return value.isPresent() && number.group(2) != null && freedom == Freedom.OTHER_UNITS
        ? List.of(value.get(), value.get().movePointLeft(2))
        : value.stream().toList();
  }

  private Optional<BigDecimal> value(String number) {
    if (number.length() > LONGEST) {
      return Optional.empty();
    } else if (THOUSANDS.matcher(number).matches()) {
      return Optional.of(new BigDecimal(number.replace(",", "")));
    } else if (DECIMAL.matcher(number).matches()) {
      return Optional.of(new BigDecimal(number.replace(',', '.')));
    }
    return freedom == Freedom.OTHER_UNITS && POWER.matcher(number).matches()
        ? Optional.of(new BigDecimal(number))
        : Optional.empty();
  }

  private boolean isNear(BigDecimal said) {
    return values.stream()
        .anyMatch(
            known ->
                known.compareTo(said) == 0
                    || switch (freedom) {
                      case ROUNDED -> isRounded(said, known);
                      case OTHER_UNITS -> isConverted(said, known.doubleValue());
                    });
  }

  private static boolean isRounded(BigDecimal said, BigDecimal known) {
    return said.precision() >= 2
        && known.scale() > said.scale()
        && known.setScale(said.scale(), RoundingMode.HALF_UP).compareTo(said) == 0;
  }

  /** Half a unit of the last digit that means something may be lost. */
  private static boolean isConverted(BigDecimal said, double known) {
    int scale = said.scale() > 0 ? said.scale() : said.stripTrailingZeros().scale();
    double value = said.doubleValue();
    double rounding = 0.5001 * Math.pow(10, -scale) / value;
    double most = Math.max(TOLERANCE, Math.min(rounding, COARSEST));
    return Arrays.stream(UNITS)
        .map(unit -> known * unit)
        .anyMatch(at -> at > 0 && Math.abs(value - at) <= most * at);
  }
}
