package io.foresplit.diagnoser.llm;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.Locale;

/** Text from outside as a model may read it: quoted, between marks that it cannot contain. */
final class Telemetry {
  static final String OPEN = "<telemetry>";
  static final String CLOSE = "</telemetry>";

  private static final int LETTERS_A_TOKEN = 4;

  private Telemetry() {}

  /** On one line, as a JSON string in which no mark of any kind can begin. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    JsonStringEncoder.getInstance().quoteAsString(text, quoted);
    for (int i = 1; i < quoted.length(); i++) {
      char c = quoted.charAt(i);
      int type = Character.getType(c);
      boolean unseen =
          type == Character.FORMAT
              || type == Character.LINE_SEPARATOR
              || type == Character.PARAGRAPH_SEPARATOR;
      if (c == '<' || unseen) {
        quoted.replace(i, i + 1, String.format(Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    return quoted.append('"').toString();
  }

  static String marked(String lines) {
    return OPEN + "\n" + lines + CLOSE;
  }

  /**
   * How many tokens a text has at most, for usual models: words have four letters a token, digits
   * and signs are tokens of their own, and other scripts have two a character.
   */
  static int tokens(String text) {
    int letters = 0;
    int others = 1;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ') {
        letters++;
      } else {
        others += c < 128 ? 1 : 2;
      }
    }
    return others + letters / LETTERS_A_TOKEN;
  }
}
