package io.foresplit.app.process;

import java.io.IOException;
import java.io.InputStream;

/**
 * The child's side: ends the process when its standard input ends, which is when the parent is
 * gone, however it went. Does nothing in a process that was not started as a watched child.
 */
public final class ParentWatch {
  static final String PROPERTY = "foresplit.watchParent";
  private static final long LAST_CHANCE_MILLIS = 4_000;

  private ParentWatch() {}

  /** Starts watching when this process was started as a watched child. */
  public static void startIfChild() {
    if (Boolean.getBoolean(PROPERTY)) {
      Thread watch = new Thread(() -> watch(System.in), "parent-watch");
      watch.setDaemon(true);
      watch.start();
    }
  }

  private static void watch(InputStream input) {
    try {
      while (input.read() >= 0) {
        // the parent never writes; only the end matters
      }
    } catch (IOException e) {
      // a broken pipe says the same as its end
    }
    Thread last = new Thread(ParentWatch::haltSoon, "parent-watch-halt");
    last.setDaemon(true);
    last.start();
    System.exit(0);
  }

  private static void haltSoon() {
    try {
      Thread.sleep(LAST_CHANCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(1);
  }
}
