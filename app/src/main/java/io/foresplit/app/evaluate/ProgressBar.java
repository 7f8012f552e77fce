package io.foresplit.app.evaluate;

import io.foresplit.bench.evaluate.Evaluation;
import java.io.PrintWriter;

/** How far an evaluation is: a line that is drawn over on a terminal, a line a tenth elsewhere. */
final class ProgressBar implements Evaluation.Progress, AutoCloseable {
  private static final int WIDTH = 40;
  private static final int PARTS = 10;

  private final PrintWriter out;
  private final boolean isTerminal;
  private int told = -1;

  ProgressBar(PrintWriter out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  @Override
  public void done(int done, int all) {
    if (isTerminal) {
      int filled = all == 0 ? WIDTH : WIDTH * done / all;
      out.print(
          "\r[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] " + done + " of " + all);
      out.flush();
    } else if (all > 0 && PARTS * done / all > told) {
      told = PARTS * done / all;
      out.println(done + " of " + all + " scenarios");
      out.flush();
    }
  }

  @Override
  public void close() {
    if (isTerminal) {
      out.println();
      out.flush();
    }
  }
}
