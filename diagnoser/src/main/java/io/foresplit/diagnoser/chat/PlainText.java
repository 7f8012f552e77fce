package io.foresplit.diagnoser.chat;

import java.util.regex.Pattern;

/**
 * Text from outside made harmless: no control, format or private characters that a terminal or a
 * page could obey, no opening bracket of a markup, one line, bounded.
 */
final class PlainText {
  private static final Pattern NOT_SHOWN =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}\\s]+");

  private PlainText() {}

  /**
   * @param most characters of the result
   */
  static String of(String text, int most) {
    // no use in cleaning what is cut off anyway
    String some = text.length() > 4 * most ? text.substring(0, 4 * most) : text;
    String plain = NOT_SHOWN.matcher(some).replaceAll(" ").replace('<', '‹').strip();
    if (plain.length() <= most) {
      return plain;
    }
    int end = most - 1;
    return plain.substring(0, Character.isHighSurrogate(plain.charAt(end - 1)) ? end - 1 : end)
        + "…";
  }
}
