package io.foresplit.app.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Where a model comes from. */
sealed interface ModelSource permits PackagedModel, LinkedModel, FiledModel {
  /** On this machine. */
  String name();

  /** What its checksum must be, where that is known. */
  Optional<String> expected();

  /**
   * Brings it here.
   *
   * @param target a file that is not there yet; its folder may be used and is deleted afterwards
   * @return the SHA-256 of the target
   * @throws io.foresplit.app.config.StartupException when it cannot be had, which says why
   */
  String fetch(Workspace workspace, Path target, Progress progress)
      throws IOException, InterruptedException;
}
