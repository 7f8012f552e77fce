package io.foresplit.runtime.tensor;

import ai.djl.ndarray.NDArray;
import java.util.function.UnaryOperator;

/** Mean softmax cross-entropy of labels, nats. Used once; not thread-safe. */
final class CrossEntropy implements UnaryOperator<NDArray> {
  private final NDArray target;
  private final NDArray count;
  private double value = Double.NaN;

  /**
   * The loss of one graph's output.
   *
   * @param labels a class for each row of the output
   */
  CrossEntropy(ModelDefinition model, int lastLayer, int[] labels, StepGraph graph) {
    // an array of the step: the engine frees that of a plain number before the backward pass is
    // done
    count = graph.manager().create((float) labels.length);
    target =
        graph.manager().create(oneHot(model, lastLayer, labels, graph), graph.output().getShape());
  }

  @Override
  public NDArray apply(NDArray logits) {
    NDArray loss = logits.logSoftmax(-1).mul(target).sum().div(count).neg();
    value = loss.getFloat();
    if (!Double.isFinite(value)) {
      throw new ArithmeticException(
          "the loss of a mini-batch must be finite, was "
              + value
              + ": training has diverged, lower the learning rate");
    }
    return loss;
  }

  /** What it was. */
  double value() {
    return value;
  }

  private static float[] oneHot(
      ModelDefinition model, int lastLayer, int[] labels, StepGraph graph) {
    int classes = model.classes();
    long rows = graph.output().size() / classes;
    if (lastLayer != model.layers().size() - 1 || labels.length != rows) {
      throw new IllegalArgumentException(
          "a loss needs the last layer of the model and "
              + rows
              + " labels, was layer "
              + lastLayer
              + " and "
              + labels.length
              + " labels");
    }
    float[] oneHot = new float[labels.length * classes];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "labels must be 0 to " + (classes - 1) + ", was " + labels[i]);
      }
      oneHot[i * classes + labels[i]] = 1;
    }
    return oneHot;
  }
}
