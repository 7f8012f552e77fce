package io.foresplit.diagnoser.chat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers that texts hold, whatever they measure: dates, times of day, decimals. Not
 * thread-safe.
 */
final class KnownNumbers {
  private static final int LONGEST = 30;
  private static final Pattern NUMBER =
      Pattern.compile(
          "\\d{4}-\\d{2}-\\d{2}|\\d{1,2}:\\d{2}(?::\\d{2})?|\\d+(?:[.,]\\d+)*(?:[eE][+-]?\\d+)?");

  /** Digits of other scripts, powers, fractions. */
  private static final Pattern OTHER_NUMBER = Pattern.compile("[\\p{N}&&[^0-9]]");

  private static final Pattern WORD = Pattern.compile("\\p{L}+");

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

  private final Set<String> texts = new HashSet<>();
  private final List<BigDecimal> values = new ArrayList<>();

  void add(String text) {
    Matcher number = NUMBER.matcher(text);
    while (number.find()) {
      if (texts.add(number.group()) && isDecimal(number.group())) {
        values.add(decimal(number.group()));
      }
    }
  }

  /** Whether a text holds none but these; rounded ones count when two digits are left. */
  boolean cover(String text) {
    Matcher number = NUMBER.matcher(text);
    while (number.find()) {
      if (!isKnown(number.group())) {
        return false;
      }
    }
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      String meant = WORDS.get(word.group().toLowerCase(Locale.ROOT));
      if (meant != null && !isKnown(meant)) {
        return false;
      }
    }
    return !OTHER_NUMBER.matcher(text).find();
  }

  /** Whether a text holds a number at all. */
  static boolean in(String text) {
    return NUMBER.matcher(text).find();
  }

  private boolean isKnown(String number) {
    if (texts.contains(number)) {
      return true;
    } else if (number.contains(":")) {
      return texts.stream().anyMatch(time -> time.startsWith(number + ":"));
    } else if (!isDecimal(number)) {
      return false;
    }
    BigDecimal value = decimal(number);
    boolean rounded = value.precision() >= 2;
    return values.stream()
        .anyMatch(
            known ->
                known.compareTo(value) == 0
                    || (rounded
                        && known.scale() > value.scale()
                        && known.setScale(value.scale(), RoundingMode.HALF_UP).compareTo(value)
                            == 0));
  }

  private static boolean isDecimal(String number) {
    return number.length() <= LONGEST && number.matches("\\d+(?:[.,]\\d+)?|\\d{1,3}(?:,\\d{3})+");
  }

  private static BigDecimal decimal(String number) {
    return new BigDecimal(
        number.matches("\\d{1,3}(?:,\\d{3})+")
            ? number.replace(",", "")
            : number.replace(',', '.'));
  }
}
