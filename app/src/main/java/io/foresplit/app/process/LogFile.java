package io.foresplit.app.process;

import io.foresplit.app.config.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the log goes. */
public final class LogFile {
  private LogFile() {}

  /**
   * Sends the log of this process to {@code logs/foresplit.log} in the data folder, so that the
   * terminal stays readable. Must be called before the first logger is made.
   *
   * @return the file
   */
  public static Path in(Path dataDir) {
    Path file = dataDir.resolve("logs").resolve("foresplit.log").toAbsolutePath();
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new StartupException(
          "the folder "
              + file.getParent()
              + " cannot be made; choose another data folder with dataDir or --data: "
              + e.getMessage(),
          e);
    }
    System.setProperty("org.slf4j.simpleLogger.logFile", file.toString());
    return file;
  }
}
