package io.foresplit.forecaster.model;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The models of {@code make_models.py}. */
final class ModelFiles {
  /** Intervals ahead that all of them forecast. */
  static final int HORIZON = 16;

  private ModelFiles() {}

  static Path file(String name) {
    try {
      return Path.of(ModelFiles.class.getResource("/models/" + name + ".onnx").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static OnnxModel load(String name) {
    try {
      return OnnxModel.load(file(name), OnnxModel.Options.DEFAULT);
    } catch (ModelFileException e) {
      throw new AssertionError(e);
    }
  }
}
