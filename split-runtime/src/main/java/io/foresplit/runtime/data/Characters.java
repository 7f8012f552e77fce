package io.foresplit.runtime.data;

import io.foresplit.runtime.tensor.TextLayer;

/**
 * Characters as symbols: 95 printable ones of ASCII, the end of a line, and one symbol for all
 * others.
 */
public final class Characters {
  /** Number of symbols. */
  public static final int SYMBOLS = TextLayer.CHARACTERS;

  private static final int FIRST = ' ';
  private static final int LAST = '~';
  private static final byte LINE_END = 95;
  private static final byte OTHER = 96;

  private Characters() {}

  /** The symbol of each character. */
  public static byte[] encode(CharSequence text) {
    byte[] symbols = new byte[text.length()];
    for (int i = 0; i < symbols.length; i++) {
      char c = text.charAt(i);
      if (c >= FIRST && c <= LAST) {
        symbols[i] = (byte) (c - FIRST);
      } else {
        symbols[i] = c == '\n' ? LINE_END : OTHER;
      }
    }
    return symbols;
  }

  /** For people: characters that have no symbol of their own come back as '?'. */
  public static String decode(byte[] symbols) {
    StringBuilder text = new StringBuilder();
    for (byte symbol : symbols) {
      if (symbol == LINE_END) {
        text.append('\n');
      } else {
        text.append(symbol == OTHER ? '?' : (char) (symbol + FIRST));
      }
    }
    return text.toString();
  }
}
