package io.foresplit.app.evaluate;

import io.foresplit.app.config.StartupException;
import io.foresplit.bench.scenario.RealWorld;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.ScenarioFile;
import io.foresplit.bench.scenario.ScenarioFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Scenarios as files. */
final class OwnScenarios {
  private OwnScenarios() {}

  /**
   * Reads them.
   *
   * @param real whether processes are to run them
   * @throws StartupException when one cannot be read, or not be run
   * @throws IllegalArgumentException when two have one name
   */
  static List<ScenarioFile> read(List<Path> files, boolean real) {
    List<ScenarioFile> own = files.stream().map(OwnScenarios::read).toList();
    Set<String> names = new HashSet<>();
    for (ScenarioFile file : own) {
      String name = file.scenario().id() + " with seed " + file.scenario().seed();
      if (!names.add(name)) {
        throw new IllegalArgumentException(
            "two files have scenario " + name + ": give one another id or seed");
      }
      if (real) {
        requireReal(file);
      }
    }
    return own;
  }

  private static ScenarioFile read(Path file) {
    try {
      return ScenarioFile.read(file);
    } catch (ScenarioFileException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void requireReal(ScenarioFile file) {
    try {
      RealWorld unused = RealWorld.of(file, true);
    } catch (IllegalArgumentException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Writes them, those of each seed to a folder of their own. */
  static void write(Path folder, List<ScenarioFile> scenarios) throws IOException {
    for (ScenarioFile file : scenarios) {
      Scenario scenario = file.scenario();
      Path path =
          folder
              .resolve("seed-" + scenario.seed())
              .resolve(scenario.id().replace('/', '-') + ".yaml");
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.yaml());
    }
  }
}
