package io.foresplit.runtime.data;

import io.foresplit.runtime.tensor.Tensor;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * How good a model is on data.
 *
 * @param loss mean cross-entropy of the labels, nats
 * @param accuracy share of the labels to which the model gives the largest logit
 */
public record Evaluation(double loss, double accuracy) {
  /**
   * Runs a model over the first samples of a data set.
   *
   * @param logits from a batch to batch × … × classes
   * @param samples at most so many
   */
  public static Evaluation of(
      UnaryOperator<Tensor> logits, Dataset data, int samples, int batchSize) {
    int end = Math.min(samples, data.size());
    double loss = 0;
    long right = 0;
    long labels = 0;
    for (int start = 0; start < end; start += batchSize) {
      int[] indices = IntStream.range(start, Math.min(end, start + batchSize)).toArray();
      float[] output = logits.apply(data.batch(indices)).data();
      int[] truth = data.labels(indices);
      int classes = output.length / truth.length;
      for (int i = 0; i < truth.length; i++) {
        loss += crossEntropy(output, i * classes, classes, truth[i]);
        right += largest(output, i * classes, classes) == truth[i] ? 1 : 0;
      }
      labels += truth.length;
    }
    return new Evaluation(loss / labels, (double) right / labels);
  }

  private static double crossEntropy(float[] logits, int offset, int classes, int label) {
    double top = logits[offset + largest(logits, offset, classes)];
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp(logits[offset + c] - top);
    }
    return top + Math.log(sum) - logits[offset + label];
  }

  private static int largest(float[] values, int offset, int count) {
    int largest = 0;
    for (int i = 1; i < count; i++) {
      if (values[offset + i] > values[offset + largest]) {
        largest = i;
      }
    }
    return largest;
  }
}
