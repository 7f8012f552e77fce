package io.foresplit.diagnoser.chat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times and durations for people. */
final class Times {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Times() {}

  static String clock(Instant at) {
    return CLOCK.format(at);
  }

  static String withDay(Instant at) {
    return DAY.format(at);
  }

  /** Such as {@code 0.5 s}, {@code 42 s} or {@code 3 min 20 s}. */
  static String of(Duration duration) {
    Duration length = duration.abs();
    if (length.toMinutes() >= 2) {
      return length.toMinutes() + " min " + length.toSecondsPart() + " s";
    }
    return length.toMillis() % 1000 == 0
        ? length.toSeconds() + " s"
        : String.format(Locale.ROOT, "%.1f s", length.toMillis() / 1e3);
  }
}
