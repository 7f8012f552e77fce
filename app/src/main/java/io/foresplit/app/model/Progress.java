package io.foresplit.app.model;

import java.io.PrintWriter;
import java.io.Writer;

/** How much has come: a line that is drawn over on a terminal, a line a quarter elsewhere. */
final class Progress {
  private static final int PARTS = 4;
  private static final int WORTH_TELLING = 1_000_000;

  private final PrintWriter out;
  private final boolean isTerminal;
  private long told;

  Progress(PrintWriter out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  static Progress silent() {
    return new Progress(new PrintWriter(Writer.nullWriter()), false);
  }

  /**
   * So many bytes are here.
   *
   * @param all about how many there will be
   */
  void at(long bytes, long all) {
    if (all < WORTH_TELLING) {
      return;
    }
    long part = isTerminal ? bytes / 1_000_000 : PARTS * bytes / all;
    if (part <= told) {
      return;
    }
    told = part;
    String text = Megabytes.of(Math.min(bytes, all)) + " of " + Megabytes.of(all);
    if (isTerminal) {
      out.print("\r" + text + "   ");
    } else {
      out.println(text);
    }
    out.flush();
  }

  /** That was all. */
  void done() {
    if (isTerminal && told > 0) {
      out.println();
      out.flush();
    }
    told = 0;
  }
}
