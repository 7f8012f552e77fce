package io.foresplit.app.bench.data;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** A Markdown table, readable as it is in a terminal, that appears row by row. */
final class Table {
  private final PrintWriter out;
  private final int first;
  private final int others;

  /**
   * Prints the header.
   *
   * @param first width of the first column, which is left-aligned
   * @param others least width of the other columns
   */
  Table(PrintWriter out, int first, int others, String name, List<String> columns) {
    this.out = out;
    this.first = first;
    this.others = others;
    row(name, columns);
    String line = "-".repeat(others + 1) + ":|";
    out.println("|" + "-".repeat(first + 2) + "|" + line.repeat(columns.size()));
    out.flush();
  }

  void row(String name, List<String> cells) {
    StringBuilder line = new StringBuilder(format("| %-" + first + "s |", name));
    for (String cell : cells) {
      line.append(format(" %" + others + "s |", cell));
    }
    out.println(line);
    out.flush();
  }

  /** What a table is of, before it. */
  static void title(PrintWriter out, String text, Object... values) {
    out.println(format(text, values));
    out.println();
  }

  static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}
