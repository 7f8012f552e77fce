package io.foresplit.app.offline;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;

/**
 * Times as people write them: seconds, milliseconds, microseconds or nanoseconds of the epoch, told
 * apart by size, or ISO dates and times, with a blank for the T if need be. Without a zone they are
 * UTC.
 */
final class Timestamps {
  static final String EXPECTED =
      "a time: seconds or milliseconds of the epoch, or 2026-11-21T10:00:00Z, or 2026-11-21 10:00";

  private static final double LEAST_MILLIS = 1e11;

  /** Some thirty thousand years either way: what is beyond is no time. */
  private static final double MOST_SECONDS = 1e12;

  private static final double THOUSAND = 1e3;
  private static final int DATE_LENGTH = 10;
  private static final DateTimeFormatter DATE_TIME =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .optionalStart()
          .appendOffset("+HH:mm", "Z")
          .optionalEnd()
          .toFormatter(Locale.ROOT);

  private Timestamps() {}

  /** Seconds of the epoch; NaN for what is no time. */
  static double seconds(String text) {
    try {
      if (text.length() > 4 && text.charAt(4) == '-' && Character.isDigit(text.charAt(0))) {
        return dateTime(text);
      }
      double seconds = ofNumber(Double.parseDouble(text));
      return Math.abs(seconds) <= MOST_SECONDS ? seconds : Double.NaN;
    } catch (NumberFormatException | DateTimeException e) {
      return Double.NaN;
    }
  }

  private static double ofNumber(double number) {
    double limit = LEAST_MILLIS;
    double unit = 1;
    while (Math.abs(number) >= limit && unit < 1e9) {
      limit *= THOUSAND;
      unit *= THOUSAND;
    }
    return number / unit;
  }

  private static double dateTime(String text) {
    if (text.length() == DATE_LENGTH) {
      return LocalDate.parse(text).atStartOfDay().toEpochSecond(ZoneOffset.UTC);
    }
    String iso =
        text.length() > DATE_LENGTH && text.charAt(DATE_LENGTH) == ' '
            ? text.substring(0, DATE_LENGTH) + 'T' + text.substring(DATE_LENGTH + 1)
            : text;
    TemporalAccessor parsed = DATE_TIME.parse(iso);
    LocalDateTime local = LocalDateTime.from(parsed);
    ZoneOffset zone = parsed.query(TemporalQueries.offset());
    Instant instant = local.toInstant(zone == null ? ZoneOffset.UTC : zone);
    return instant.getEpochSecond() + instant.getNano() / 1e9;
  }
}
