package io.foresplit.app;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service: broker, the four stages, view and console, each given the ports it needs. Closing it
 * stops everything in the reverse order of the start.
 */
final class Wiring implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final String console;

  private Wiring(String console) {
    this.console = console;
  }
}
