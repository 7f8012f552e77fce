package io.foresplit.forecaster.model;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.foresplit.forecaster.Quantiles;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What a model declares: input {@code context}, float[batch, length], and output {@code quantiles},
 * float[batch, 9, horizon]. A dimension the file leaves open is {@link #ANY}.
 *
 * @param batch windows of a run, or any
 * @param length values of a window, or any
 * @param horizon intervals ahead, or any: a run will tell
 */
record ModelShape(long batch, long length, long horizon) {
  static final String INPUT = "context";
  static final String OUTPUT = "quantiles";
  static final long ANY = -1;

  /** Most windows of one run. */
  static final int MOST_BATCH = 256;

  /** Most values of a window. */
  static final int MOST_LENGTH = 8192;

  /** What to do about a model that is not as it should be. */
  static final String REMEDY = "docs/forecasting-model.md says what a model file must be";

  private static final String RIGHT_INPUT = INPUT + " of float[batch, length]";
  private static final String RIGHT_OUTPUT = OUTPUT + " of float[batch, 9, horizon]";
  private static final int LEVELS = Quantiles.LEVELS.size();

  /**
   * Reads and checks what a session declares.
   *
   * @param least fewest values a window may be declared to have
   */
  static ModelShape of(OrtSession session, String where, int least)
      throws ModelFileException, OrtException {
    Map<String, NodeInfo> inputs = session.getInputInfo();
    TensorInfo input = tensor(inputs.get(INPUT), 2);
    if (input == null || inputs.size() != 1) {
      throw new ModelFileException(
          where, "expected the one input " + RIGHT_INPUT + ", was " + describe(inputs), REMEDY);
    }
    long batch = input.getShape()[0];
    long length = input.getShape()[1];
    if (batch != ANY && (batch < 1 || batch > MOST_BATCH)) {
      throw new ModelFileException(
          where, "expected a batch of 1 to " + MOST_BATCH + " or any, was " + batch, REMEDY);
    }
    if (length != ANY && (length < least || length > MOST_LENGTH)) {
      throw new ModelFileException(
          where,
          "expected a length of " + least + " to " + MOST_LENGTH + " or any, was " + length,
          REMEDY);
    }
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    TensorInfo output = tensor(outputs.get(OUTPUT), 3);
    if (output == null || (output.getShape()[1] != ANY && output.getShape()[1] != LEVELS)) {
      throw new ModelFileException(
          where, "expected an output " + RIGHT_OUTPUT + ", was " + describe(outputs), REMEDY);
    }
    return new ModelShape(batch, length, output.getShape()[2]);
  }

  private static @Nullable TensorInfo tensor(@Nullable NodeInfo node, int rank) {
    return node != null
            && node.getInfo() instanceof TensorInfo info
            && info.type == OnnxJavaType.FLOAT
            && info.getShape().length == rank
        ? info
        : null;
  }

  private static String describe(Map<String, NodeInfo> nodes) {
    StringJoiner all = new StringJoiner(" and ");
    nodes.forEach((name, node) -> all.add(name + " of " + type(node)));
    return nodes.isEmpty() ? "none" : ModelFileException.shown(all.toString());
  }

  private static String type(NodeInfo node) {
    if (!(node.getInfo() instanceof TensorInfo info)) {
      return "another type than a tensor";
    }
    StringJoiner dimensions = new StringJoiner(", ", "[", "]");
    for (int i = 0; i < info.getShape().length; i++) {
      String name = info.getDimensionNames()[i];
      boolean named = info.getShape()[i] == ANY && !name.isEmpty();
      dimensions.add(
          named ? name : info.getShape()[i] == ANY ? "?" : Long.toString(info.getShape()[i]));
    }
    return info.type.name().toLowerCase(Locale.ROOT) + dimensions;
  }
}
