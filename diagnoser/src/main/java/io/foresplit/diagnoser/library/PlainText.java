package io.foresplit.diagnoser.library;

import java.util.regex.Pattern;

/** Text from outside, without what a terminal or a reader would stumble over. */
final class PlainText {
  /** Controls but tab and line feed; characters that show as nothing or turn the direction. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\\t\\n]]");

  private PlainText() {}

  /** Of several lines, which end with a line feed alone. */
  static String of(String text) {
    return UNSEEN.matcher(text.replaceAll("\\r\\n?", "\n")).replaceAll("");
  }

  /** One line, cut when it is longer. */
  static String line(String text, int longest) {
    String line = of(text).replaceAll("\\s+", " ").strip();
    return line.length() <= longest ? line : line.substring(0, longest - 1) + "…";
  }

  /** A name as a part of a source: letters, digits and {@code . _ -} alone. */
  static String name(String text, int longest) {
    String name = text.replaceAll("[^A-Za-z0-9._-]+", "_");
    return name.length() <= longest ? name : name.substring(0, longest);
  }
}
