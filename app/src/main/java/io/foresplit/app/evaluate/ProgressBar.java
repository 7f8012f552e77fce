package io.foresplit.app.evaluate;

import io.foresplit.bench.evaluate.Evaluation;
import java.io.PrintWriter;
import java.util.function.LongSupplier;

/**
 * How far an evaluation is: a line that is drawn over on a terminal, a line a tenth elsewhere, or a
 * line a scenario where one takes long.
 */
final class ProgressBar implements Evaluation.Progress, AutoCloseable {
  private static final int WIDTH = 40;
  private static final int PARTS = 10;
  private static final double LONG_SECONDS = 30;

  private final PrintWriter out;
  private final boolean isTerminal;
  private final double secondsEach;
  private final LongSupplier nanoTime;
  private final long begun;
  private int doneBefore = -1;
  private int told = -1;

  /**
   * @param secondsEach what a scenario is expected to take, where that is known; else 0
   */
  ProgressBar(PrintWriter out, boolean isTerminal, double secondsEach, LongSupplier nanoTime) {
    this.out = out;
    this.isTerminal = isTerminal;
    this.secondsEach = secondsEach;
    this.nanoTime = nanoTime;
    begun = nanoTime.getAsLong();
  }

  @Override
  public void done(int done, int all) {
    doneBefore = doneBefore < 0 ? done : doneBefore;
    int parts = secondsEach > LONG_SECONDS ? all : PARTS;
    if (isTerminal) {
      int filled = all == 0 ? WIDTH : WIDTH * done / all;
      out.print(
          "\r["
              + "#".repeat(filled)
              + ".".repeat(WIDTH - filled)
              + "] "
              + done
              + " of "
              + all
              + left(done, all)
              + "   ");
      out.flush();
    } else if (all > 0 && parts * done / all > told) {
      told = parts * done / all;
      out.println(done + " of " + all + " scenarios" + left(done, all));
      out.flush();
    }
  }

  /** By what those took that are done, or are expected to take; nothing when neither is known. */
  private String left(int done, int all) {
    int here = done - doneBefore;
    double each = here > 0 ? (nanoTime.getAsLong() - begun) / 1e9 / here : secondsEach;
    long minutes = (long) Math.ceil((all - done) * each / 60);
    return each == 0 || minutes == 0 ? "" : ", about " + minutes + " min left";
  }

  @Override
  public void failed(String reason) {
    out.println(isTerminal ? "\r" + reason : reason);
    out.flush();
  }

  @Override
  public void close() {
    if (isTerminal) {
      out.println();
      out.flush();
    }
  }
}
