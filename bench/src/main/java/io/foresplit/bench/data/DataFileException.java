package io.foresplit.bench.data;

import java.io.IOException;
import java.nio.file.Path;

/** A file of a public data set that is not what it should be; the message is one line. */
public final class DataFileException extends IOException {
  private static final long serialVersionUID = 1L;

  DataFileException(Path file, String reason) {
    super(file + ": " + reason);
  }
}
