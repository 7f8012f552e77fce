package io.foresplit.app.bench;

import io.foresplit.contract.Compression;
import io.foresplit.runtime.compress.Mask;
import io.foresplit.runtime.compress.SparseTensor;
import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.SegmentTrainer;
import io.foresplit.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Trains a LeNet cut after its second convolution in this process, with what would cross the link
 * between the two segments compressed, and judges it by data it was not trained on.
 */
final class CompressionBench {
  static final int BATCH = 32;
  private static final int CUT = 2;
  private static final int WARM_STEPS = 100;
  private static final int TEST_BATCH = 200;
  private static final long STREAM = 1_000_003;

  private final Dataset training;
  private final Dataset test;
  private final int steps;
  private final LongSupplier nanoTime;

  /**
   * What a training with one compression gave.
   *
   * @param upBytes payload of the activation of a step
   * @param downBytes payload of the gradient of a step
   * @param expectedBytes of both by the formula
   * @param accuracy on the test set, when at that also activations cross the link compressed
   * @param plainAccuracy on the test set, when they do not
   * @param codecSeconds compressing and decompressing both ways, median step
   * @param computeSeconds of both segments, median step
   */
  record Outcome(
      double upBytes,
      double downBytes,
      double expectedBytes,
      double accuracy,
      double plainAccuracy,
      double codecSeconds,
      double computeSeconds) {
    double bytes() {
      return upBytes + downBytes;
    }

    /** The mean over trainings. */
    static Outcome mean(List<Outcome> outcomes) {
      return new Outcome(
          mean(outcomes, Outcome::upBytes),
          mean(outcomes, Outcome::downBytes),
          mean(outcomes, Outcome::expectedBytes),
          mean(outcomes, Outcome::accuracy),
          mean(outcomes, Outcome::plainAccuracy),
          mean(outcomes, Outcome::codecSeconds),
          mean(outcomes, Outcome::computeSeconds));
    }

    /** Half the range of the accuracy over trainings. */
    static double spread(List<Outcome> outcomes) {
      DoubleSummaryStatistics accuracy =
          outcomes.stream().mapToDouble(Outcome::accuracy).summaryStatistics();
      return (accuracy.getMax() - accuracy.getMin()) / 2;
    }

    private static double mean(List<Outcome> outcomes, ToDoubleFunction<Outcome> of) {
      return outcomes.stream().mapToDouble(of).average().orElse(Double.NaN);
    }
  }

  CompressionBench(Dataset training, Dataset test, int steps, LongSupplier nanoTime) {
    this.training = training;
    this.test = test;
    this.steps = steps;
    this.nanoTime = nanoTime;
  }

  /** Trains a little, so that what is measured later is compiled code. */
  Outcome warmUp() {
    return new CompressionBench(training, test, WARM_STEPS, nanoTime)
        .train(Optional.of(new Compression(0.5, 8)), 0);
  }

  /**
   * Trains from scratch.
   *
   * @param compression empty for none
   * @param seed of weights, order and rounding
   */
  Outcome train(Optional<Compression> compression, long seed) {
    ModelDefinition model = ModelDefinition.named("lenet");
    Optimiser optimiser = new Optimiser.SgdMomentum(0.02, 0.9);
    try (SegmentTrainer front = new SegmentTrainer(model, optimiser, seed, nanoTime);
        SegmentTrainer back = new SegmentTrainer(model, optimiser, seed, nanoTime)) {
      front.initialise(0, CUT - 1);
      back.initialise(CUT, model.layers().size() - 1);
      BatchOrder order = new BatchOrder(seed, training.size(), BATCH);
      Sums sums = new Sums();
      for (int step = 0; step < steps; step++) {
        step(front, back, order.indices(step), compression, seed * STREAM + step, sums);
      }
      return new Outcome(
          (double) sums.upBytes / steps,
          (double) sums.downBytes / steps,
          sums.expectedBytes / steps,
          accuracy(front, back, compression, seed),
          accuracy(front, back, Optional.empty(), seed),
          medianSeconds(sums.codecNanos),
          medianSeconds(sums.computeNanos));
    }
  }

  private static final class Sums {
    private long upBytes;
    private long downBytes;
    private double expectedBytes;
    private final List<Long> codecNanos = new ArrayList<>();
    private final List<Long> computeNanos = new ArrayList<>();
  }

  /** A busy machine now and then makes a step much longer; the median says what one costs. */
  private static double medianSeconds(List<Long> nanos) {
    return nanos.stream().sorted().skip(nanos.size() / 2).findFirst().orElse(0L) / 1e9;
  }

  /**
   * One step. The engine has one gradient collector, so the front segment runs forward again,
   * unchanged, before its gradient; that is not counted.
   */
  private void step(
      SegmentTrainer front,
      SegmentTrainer back,
      int[] indices,
      Optional<Compression> compression,
      long seed,
      Sums sums) {
    Tensor images = training.batch(indices);
    SegmentTrainer.Forward smashed = front.forward(images);
    front.abandonStep();
    Crossing up = up(smashed.output(), compression, 2 * seed);
    SegmentTrainer.Forward output = back.forward(up.arrived());
    SegmentTrainer.Loss loss = back.lossAndBackward(training.labels(indices));
    Crossing down =
        down(Objects.requireNonNull(loss.inputGradient()), up.mask(), compression, 2 * seed + 1);
    front.forward(images);
    SegmentTrainer.Backward backward = front.backward(down.arrived());
    sums.upBytes += up.bytes();
    sums.downBytes += down.bytes();
    sums.expectedBytes += up.expectedBytes() + down.expectedBytes();
    sums.codecNanos.add(up.nanos() + down.nanos());
    sums.computeNanos.add(smashed.nanos() + output.nanos() + loss.nanos() + backward.nanos());
  }

  /** What has crossed the link. */
  private record Crossing(
      Tensor arrived, Optional<Mask> mask, long bytes, double expectedBytes, long nanos) {
    static Crossing plain(Tensor tensor) {
      long bytes = (long) tensor.data().length * Float.BYTES;
      return new Crossing(tensor, Optional.empty(), bytes, bytes, 0);
    }
  }

  private Crossing up(Tensor activation, Optional<Compression> compression, long seed) {
    if (compression.isEmpty()) {
      return Crossing.plain(activation);
    }
    int length = activation.data().length;
    long start = nanoTime.getAsLong();
    Mask mask = Mask.ofLargest(activation.data(), compression.get());
    SparseTensor sparse =
        SparseTensor.ofActivation(activation.data(), mask, compression.get().bits(), seed);
    SparseTensor.Values values = sparse.activation(length);
    return new Crossing(
        new Tensor(values.values(), activation.shape()),
        Optional.of(values.mask()),
        sparse.size(),
        SparseTensor.expectedSize(length, compression.get(), true),
        nanoTime.getAsLong() - start);
  }

  private Crossing down(
      Tensor gradient, Optional<Mask> mask, Optional<Compression> compression, long seed) {
    if (compression.isEmpty() || mask.isEmpty()) {
      return Crossing.plain(gradient);
    }
    long start = nanoTime.getAsLong();
    SparseTensor sparse =
        SparseTensor.ofGradient(gradient.data(), mask.get(), compression.get().bits(), seed);
    float[] values = sparse.gradient(mask.get());
    return new Crossing(
        new Tensor(values, gradient.shape()),
        mask,
        sparse.size(),
        SparseTensor.expectedSize(values.length, compression.get(), false),
        nanoTime.getAsLong() - start);
  }

  private double accuracy(
      SegmentTrainer front, SegmentTrainer back, Optional<Compression> compression, long seed) {
    int classes = test.classes();
    long right = 0;
    for (int start = 0; start < test.size(); start += TEST_BATCH) {
      int[] indices = IntStream.range(start, Math.min(test.size(), start + TEST_BATCH)).toArray();
      Tensor smashed = front.forward(test.batch(indices)).output();
      front.abandonStep();
      float[] logits =
          back.forward(up(smashed, compression, seed * STREAM - start - 1).arrived())
              .output()
              .data();
      back.abandonStep();
      int[] labels = test.labels(indices);
      for (int i = 0; i < labels.length; i++) {
        right += largest(logits, i * classes, classes) == labels[i] ? 1 : 0;
      }
    }
    return (double) right / test.size();
  }

  private static int largest(float[] logits, int from, int classes) {
    int largest = 0;
    for (int k = 1; k < classes; k++) {
      if (logits[from + k] > logits[from + largest]) {
        largest = k;
      }
    }
    return largest;
  }
}
