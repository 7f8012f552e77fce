package io.foresplit.app.service;

import io.foresplit.app.Main;
import io.foresplit.app.process.ParentWatch;

/** The program in a process of its own, which does not outlive the tests. */
public final class ServiceChild {
  private ServiceChild() {}

  public static void main(String[] arguments) {
    ParentWatch.startIfChild();
    Main.main(arguments);
  }
}
