package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Loss, inputs, gradients and activations of each step, replayed from a {@link TrainingRecord}. A
 * step is a recorded one near it, which the seed and the step alone choose.
 *
 * <p>Derived, not measured: while a disturbance still grows, the model has learnt to live with a
 * part of it only, which follows the whole with a time constant of {@value #MEMORY_STEPS} steps;
 * the recorded response to a jump is then read at the step at which it would have followed as far.
 * For a jump that is the recorded response itself. Of several disturbances the one with the highest
 * loss is seen, and the inputs are those of the drift of features. Not thread-safe.
 */
final class Learning {
  private static final double MEMORY_STEPS = 30;
  private static final double FOLLOWS = -Math.expm1(-1 / MEMORY_STEPS);

  private final TrainingRecord training;
  private final int layers;
  private final int[] recorded;
  private final Noise choice;
  private final List<Struck> struck = new ArrayList<>();

  /** A disturbance, and how much of it the model has learnt to live with. */
  private static final class Struck {
    private final DisturbanceKind kind;
    private final DoubleUnaryOperator strength;
    private double followed;

    Struck(DisturbanceKind kind, DoubleUnaryOperator strength) {
      this.kind = kind;
      this.strength = strength;
    }
  }

  Learning(Simulation simulation, TrainingRecord training) {
    this.training = training;
    layers = simulation.job().layers().size();
    recorded = IntStream.range(0, layers).map(this::nearest).toArray();
    choice = Noise.of(simulation.seed(), ComponentId.JOB, "learning");
    struck.add(new Struck(DisturbanceKind.LABEL_DRIFT, simulation.faults()::labelDriftShare));
    for (Disturbance disturbance : simulation.disturbances()) {
      if (disturbance.kind().isOfLearning()) {
        struck.add(new Struck(disturbance.kind(), disturbance::strength));
      }
    }
  }

  /** What one step gives. */
  final class Signals {
    private final double[] row;
    private final double[] input;

    private Signals(double[] row, double[] input) {
      this.row = row;
      this.input = input;
    }

    /** Nats. */
    double loss() {
      return TrainingRecord.loss(row);
    }

    /** Mean of what enters the first layer. */
    double inputMean() {
      return TrainingRecord.inputMean(input);
    }

    /** Variance of what enters the first layer. */
    double inputVariance() {
      return TrainingRecord.inputVariance(input);
    }

    /** L2 norm over the parameters of a run of layers. */
    double gradientNorm(int firstLayer, int lastLayer) {
      double squares = 0;
      for (int layer = firstLayer; layer <= lastLayer; layer++) {
        double norm = TrainingRecord.gradientNorm(row, recorded[layer]);
        squares += norm * norm;
      }
      return Math.sqrt(squares * training.layers() / layers);
    }

    /** Mean of a layer's output. */
    double mean(int layer) {
      return TrainingRecord.activationMean(row, recorded[layer]);
    }

    /** Variance of a layer's output. */
    double variance(int layer) {
      return TrainingRecord.activationVariance(row, recorded[layer]);
    }
  }

  /** The layer at the same relative depth of the model that was recorded. */
  private int nearest(int layer) {
    return layers == 1 ? 0 : (int) Math.round(layer * (training.layers() - 1.0) / (layers - 1));
  }

  /** The next step, done at a moment. */
  Signals step(long step, double t) {
    double uniform = choice.uniform(step);
    double[] healthy = training.healthy(step, uniform);
    double[] seen = healthy;
    double[] input = healthy;
    for (Struck one : struck) {
      double whole = TrainingRecord.coordinate(one.kind, one.strength.applyAsDouble(t));
      if (whole <= 0) {
        one.followed = 0;
        continue;
      }
      one.followed = Math.min(one.followed, whole);
      double since = -MEMORY_STEPS * Math.log1p(-one.followed / whole);
      double[] row = training.disturbed(one.kind, whole, since, healthy, uniform);
      boolean worst = seen == healthy || TrainingRecord.loss(row) > TrainingRecord.loss(seen);
      seen = worst ? row : seen;
      input = one.kind == DisturbanceKind.FEATURE_DRIFT ? row : input;
      one.followed += FOLLOWS * (whole - one.followed);
    }
    return new Signals(seen, input);
  }
}
