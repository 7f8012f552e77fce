package io.foresplit.bench.data;

import io.foresplit.runtime.plan.ModelFile;
import io.foresplit.runtime.plan.PlanFileException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The training profiles published with PipeDream (Narayanan et al., SOSP 2019). Stateless. */
public final class PipeDreamProfiles {
  private PipeDreamProfiles() {}

  /**
   * Reads every {@code *.graph.txt} of a folder, in order of name.
   *
   * @throws DataFileException in one line, when there is none or one is not a profile
   */
  public static List<ChainModel> read(Path folder) throws DataFileException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.graph.txt")) {
      found.forEach(files::add);
    } catch (IOException e) {
      throw new DataFileException(folder, "expected a readable folder, there is none");
    }
    if (files.isEmpty()) {
      throw new DataFileException(folder, "expected profiles named *.graph.txt, there are none");
    }
    files.sort(null);
    List<ChainModel> models = new ArrayList<>();
    for (Path file : files) {
      try {
        models.add(ChainModel.of(ModelFile.read(file)));
      } catch (PlanFileException e) {
        throw new DataFileException(file, String.join("; ", e.problems()));
      }
    }
    return models;
  }
}
