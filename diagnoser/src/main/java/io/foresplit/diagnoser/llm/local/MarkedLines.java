package io.foresplit.diagnoser.llm.local;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The lines of a child that are meant, out of all that it prints; bounded in memory whatever it
 * prints. One thread reads; any may ask for the last words.
 */
final class MarkedLines {
  static final int LONGEST_LINE = 64 * 1024;
  static final int MOST_NOISE = 1024 * 1024;
  private static final int LONGEST_WORDS = 200;

  private final InputStream input;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private volatile String lastWords = "";
  private boolean marked;
  private int noise;

  MarkedLines(InputStream input) {
    this.input = new BufferedInputStream(input);
  }

  /**
   * The next line without its mark, empty at the end.
   *
   * @throws IOException also when the child floods
   */
  Optional<String> next() throws IOException {
    for (int read = input.read(); read >= 0; read = input.read()) {
      if (read == Wire.MARK) {
        forget();
        marked = true;
      } else if (read == '\n') {
        if (marked) {
          String text = line.toString(StandardCharsets.UTF_8);
          line.reset();
          marked = false;
          noise = 0;
          return Optional.of(text);
        }
        forget();
      } else if (marked) {
        line.write(read);
        if (line.size() > LONGEST_LINE) {
          throw new IOException("it said a line of more than " + LONGEST_LINE + " bytes");
        }
      } else {
        noise++;
        if (noise > MOST_NOISE) {
          throw new IOException("it printed more than " + MOST_NOISE + " bytes that are no answer");
        }
        if (line.size() < LONGEST_WORDS) {
          line.write(read);
        }
      }
    }
    forget();
    return Optional.empty();
  }

  /** What was printed last that is not part of an answer, on one line; may be empty. */
  String lastWords() {
    return lastWords;
  }

  private void forget() {
    String text = line.toString(StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}+", " ").strip();
    // what Java says of a crash is followed by advice
    boolean crashed = lastWords.contains("SIG");
    if (!marked && !crashed && text.chars().anyMatch(Character::isLetter)) {
      lastWords = text;
    }
    line.reset();
    marked = false;
  }
}
