package io.foresplit.runtime.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a trace file that say something. Not thread-safe.
 *
 * @param lines without blank lines and comments
 */
record TraceLines(Path file, List<Line> lines) {
  /** Longer files are refused rather than read into memory. */
  private static final long MAX_BYTES = 16 << 20;

  private static final int SHOWN = 40;

  /**
   * One line.
   *
   * @param number in the file, from 1
   */
  record Line(int number, String text) {}

  /** Reads a file; whatever bytes it has, they come as characters. */
  static TraceLines read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IllegalArgumentException(
          "trace " + file + ": expected at most " + MAX_BYTES + " bytes, was " + size);
    }
    List<Line> lines = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      number++;
      String text = line.strip();
      if (!text.isEmpty() && !text.startsWith("#")) {
        lines.add(new Line(number, text));
      }
    }
    return new TraceLines(file, lines);
  }

  double number(Line line, String cell) {
    try {
      double value = Double.parseDouble(cell.strip());
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for all that is no number
    }
    throw malformed(line, "expected a finite number, was " + quoted(cell));
  }

  IllegalArgumentException malformed(Line line, String problem) {
    return malformed(line.number(), problem);
  }

  IllegalArgumentException malformed(int line, String problem) {
    return new IllegalArgumentException("trace " + file + ", line " + line + ": " + problem);
  }

  /** A piece of the file that can be shown in one line, whatever it holds. */
  static String quoted(String text) {
    String printable = text.strip().replaceAll("[^\\x20-\\x7e]", "?");
    return "'"
        + (printable.length() > SHOWN ? printable.substring(0, SHOWN) + "..." : printable)
        + "'";
  }
}
