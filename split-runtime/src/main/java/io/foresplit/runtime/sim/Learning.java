package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.tensor.LayerRun;
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
 * loss is seen, and the inputs are those of the drift of features. What strikes a node strikes
 * layers that it holds at the beginning, and stays with them. Not thread-safe.
 */
final class Learning {
  private static final double MEMORY_STEPS = 30;

  /** Shown as if nothing were wrong. */
  private static final int UNTOUCHED = -1;

  private static final double FOLLOWS = -Math.expm1(-1 / MEMORY_STEPS);

  private final TrainingRecord training;
  private final int layers;
  private final int[] recorded;
  private final Noise choice;
  private final List<Struck> struck = new ArrayList<>();

  /** A disturbance, and how much of it the model has learnt to live with. */
  private static final class Struck {
    private final DisturbanceKind kind;

    /** Of the recorded model. */
    private final LayerRun layers;

    /** For each layer the recorded one that shows it, or {@link #UNTOUCHED}. */
    private final int[] shown;

    private final DoubleUnaryOperator strength;
    private double followed;

    Struck(DisturbanceKind kind, LayerRun layers, int[] shown, DoubleUnaryOperator strength) {
      this.kind = kind;
      this.layers = layers;
      this.shown = shown;
      this.strength = strength;
    }
  }

  Learning(Simulation simulation, TrainingRecord training) {
    this.training = training;
    layers = simulation.job().layers().size();
    recorded = IntStream.range(0, layers).map(this::nearest).toArray();
    choice = Noise.of(simulation.seed(), ComponentId.JOB, "learning");
    struck.add(
        new Struck(
            DisturbanceKind.LABEL_DRIFT,
            everything(),
            recorded,
            simulation.faults()::labelDriftShare));
    for (Disturbance disturbance : simulation.disturbances()) {
      if (disturbance.kind().isOfLearning()) {
        struck.add(struck(simulation.initial(), disturbance));
      }
    }
  }

  /** What one step gives. */
  final class Signals {
    private final double[] healthy;
    private final double[] row;
    private final int[] shown;
    private final double[] input;

    private Signals(double[] healthy, double[] row, int[] shown, double[] input) {
      this.healthy = healthy;
      this.row = row;
      this.shown = shown;
      this.input = input;
    }

    private double[] row(int layer) {
      return shown[layer] == UNTOUCHED ? healthy : row;
    }

    private int index(int layer) {
      return shown[layer] == UNTOUCHED ? recorded[layer] : shown[layer];
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
        double norm = TrainingRecord.gradientNorm(row(layer), index(layer));
        squares += norm * norm;
      }
      return Math.sqrt(squares * training.layers() / layers);
    }

    /** Mean of a layer's output. */
    double mean(int layer) {
      return TrainingRecord.activationMean(row(layer), index(layer));
    }

    /** Variance of a layer's output. */
    double variance(int layer) {
      return TrainingRecord.activationVariance(row(layer), index(layer));
    }
  }

  private LayerRun everything() {
    return new LayerRun(0, training.layers() - 1);
  }

  /**
   * Stale are all layers of a node, corrupted is what its first puts out. Where layers are more
   * than were recorded, several share a recorded one: those before what is struck then show the
   * recorded one before it, and those behind stale ones the recorded one behind.
   */
  private Struck struck(Placement initial, Disturbance disturbance) {
    DisturbanceKind kind = disturbance.kind();
    NodeId node = disturbance.component().from();
    int first = initial.firstLayer(node);
    boolean stale = kind == DisturbanceKind.STALE_WEIGHTS;
    if (first < 0 || (!stale && kind != DisturbanceKind.CORRUPTED_ACTIVATIONS)) {
      return new Struck(kind, everything(), recorded, disturbance::strength);
    }
    int last = stale ? initial.lastLayer(node) : first;
    LayerRun run = new LayerRun(recorded[first], recorded[last]);
    int[] shown = recorded.clone();
    for (int layer = 0; layer < first; layer++) {
      shown[layer] = run.first() == 0 ? UNTOUCHED : Math.min(recorded[layer], run.first() - 1);
    }
    for (int layer = last + 1; stale && layer < layers; layer++) {
      boolean behind = run.last() < training.layers() - 1;
      shown[layer] = behind ? Math.max(recorded[layer], run.last() + 1) : UNTOUCHED;
    }
    return new Struck(kind, run, shown, disturbance::strength);
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
    int[] shown = recorded;
    double[] input = healthy;
    for (Struck one : struck) {
      double whole = TrainingRecord.coordinate(one.kind, one.strength.applyAsDouble(t));
      if (whole <= 0) {
        one.followed = 0;
        continue;
      }
      one.followed = Math.min(one.followed, whole);
      double since = -MEMORY_STEPS * Math.log1p(-one.followed / whole);
      double[] row = training.disturbed(one.kind, one.layers, whole, since, healthy, uniform);
      boolean worst = seen == healthy || TrainingRecord.loss(row) > TrainingRecord.loss(seen);
      seen = worst ? row : seen;
      shown = worst ? one.shown : shown;
      input = one.kind == DisturbanceKind.FEATURE_DRIFT ? row : input;
      one.followed += FOLLOWS * (whole - one.followed);
    }
    return new Signals(healthy, seen, shown, input);
  }
}
