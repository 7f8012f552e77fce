package io.foresplit.app.model;

import java.util.Locale;

/** Sizes of files as people read them. */
final class Megabytes {
  private Megabytes() {}

  static String of(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
