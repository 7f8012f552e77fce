package io.foresplit.runtime.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.DrawnDataset;
import io.foresplit.runtime.data.FashionMnist;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.SegmentTrainer;
import io.foresplit.runtime.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Makes the recording that the simulation replays, by real training of a LeNet split after every
 * layer; see docs/simulation.md for the command.
 */
@EnabledIfSystemProperty(named = "foresplit.record", matches = ".+")
class TrainingRecorderTest {
  private static final long SEED = 7;
  private static final int BATCH = 32;
  private static final int STEPS = 3_000;

  /** A step is kept when it is so much later than the one kept before it, or so many steps. */
  private static final double FACTOR = 1.04;

  private static final int GAP = 4;

  /** When disturbances strike. */
  private static final int TRAINED = 1_500;

  private static final int[] SINCE = {
    0, 1, 2, 3, 4, 6, 8, 11, 15, 20, 28, 38, 52, 72, 100, 110, 120, 130, 140, 150, 160, 170, 180,
    190, 200
  };

  private static final Map<DisturbanceKind, double[]> SIZES =
      Map.of(
          DisturbanceKind.LABEL_DRIFT, new double[] {0.3, 0.6, 1},
          DisturbanceKind.FEATURE_DRIFT, new double[] {0.3, 0.6, 0.9},
          DisturbanceKind.EXPLODING_GRADIENTS, new double[] {3, 10, 30},
          DisturbanceKind.STALE_WEIGHTS, new double[] {200, 1_000, 1_500},
          DisturbanceKind.CORRUPTED_ACTIVATIONS, new double[] {0.02, 0.1, 0.4});

  private final ModelDefinition model = ModelDefinition.named("lenet");
  private final int layers = model.layers().size();
  private final Dataset data = dataset();
  private final BatchOrder order = new BatchOrder(SEED, data.size(), BATCH);
  private final List<String> lines = new ArrayList<>();
  private final Map<Integer, List<LayerState>> snapshots = new HashMap<>();

  private static Dataset dataset() {
    try {
      return FashionMnist.isIn(FashionMnist.DEBIAN)
          ? FashionMnist.load(FashionMnist.DEBIAN)
          : new DrawnDataset(SEED, 20_000);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("the dataset cannot be read", e);
    }
  }

  @Test
  void record() throws IOException {
    StringBuilder heading = new StringBuilder("condition,size,step,loss,input_m,input_v");
    model.layers().forEach(l -> heading.append(String.format(",%1$s_g,%1$s_m,%1$s_v", l.name())));
    lines.add(heading.toString());

    int next = 0;
    List<Integer> snapped = List.of(0, TRAINED - 1_000, TRAINED - 200, TRAINED);
    double last = Double.NaN;
    try (Chain chain = new Chain()) {
      for (int step = 0; step < STEPS; step++) {
        if (snapped.contains(step)) {
          snapshots.put(step, chain.export());
        }
        double[] row = chain.step(step, null, -1, 0);
        last = row[0];
        if (step == next) {
          add(TrainingRecord.HEALTHY, 0, step, row);
          next = Math.min(step + GAP, (int) Math.max(step + 1, FACTOR * step));
        }
      }
    }
    for (DisturbanceKind kind : DisturbanceKind.values()) {
      for (LayerRun struck : struck(kind)) {
        for (double size : SIZES.getOrDefault(kind, new double[0])) {
          disturbed(kind, struck, size);
        }
      }
    }
    Files.write(Path.of(System.getProperty("foresplit.record")), lines);

    assertThat(last).as("loss at the end of healthy training").isLessThan(1);
    assertThat(TrainingRecord.read(lines).layers()).isEqualTo(layers);
  }

  /**
   * What a disturbance of one node strikes: stale are all layers of it, corrupted is the output of
   * one; that of the last layer does not leave the trainer.
   */
  private List<LayerRun> struck(DisturbanceKind kind) {
    List<LayerRun> runs = new ArrayList<>();
    for (int first = 0; first < layers; first++) {
      for (int last = first; last < layers; last++) {
        boolean stale = kind == DisturbanceKind.STALE_WEIGHTS && last - first + 1 < layers;
        boolean corrupted =
            kind == DisturbanceKind.CORRUPTED_ACTIVATIONS && first == last && last < layers - 1;
        if (stale || corrupted) {
          runs.add(new LayerRun(first, last));
        }
      }
    }
    return runs.isEmpty() ? List.of(new LayerRun(0, layers - 1)) : runs;
  }

  private void disturbed(DisturbanceKind kind, LayerRun struck, double size) {
    try (Chain chain = new Chain()) {
      chain.install(snapshots.get(TRAINED));
      if (kind == DisturbanceKind.STALE_WEIGHTS) {
        chain.install(
            snapshots.get(TRAINED - (int) size).subList(struck.first(), struck.last() + 1));
      }
      for (int since = 0; since <= SINCE[SINCE.length - 1]; since++) {
        double[] row;
        try {
          row = chain.step(TRAINED + since, kind, struck.first(), size);
        } catch (ArithmeticException e) {
          return; // it has diverged
        }
        if (!java.util.Arrays.stream(row).allMatch(Double::isFinite)) {
          return; // the same: what follows is no number
        }
        int now = since;
        if (IntStream.of(SINCE).anyMatch(s -> s == now)) {
          add(TrainingRecord.condition(kind, struck, layers), size, since, row);
        }
      }
    }
  }

  private void add(String condition, double size, int step, double[] row) {
    StringBuilder line = new StringBuilder(condition + "," + size + "," + step);
    for (double value : row) {
      line.append(',').append(String.format(Locale.ROOT, "%.4g", value));
    }
    lines.add(line.toString());
  }

  /** A trainer for each layer. One step may be open in a JVM, so each layer runs forward twice. */
  private final class Chain implements AutoCloseable {
    private final List<SegmentTrainer> trainers = new ArrayList<>();

    Chain() {
      for (int i = 0; i < layers; i++) {
        SegmentTrainer trainer =
            new SegmentTrainer(model, new Optimiser.SgdMomentum(0.02, 0.9), SEED, System::nanoTime);
        trainer.initialise(i, i);
        trainers.add(trainer);
      }
    }

    List<LayerState> export() {
      List<LayerState> states = new ArrayList<>();
      for (int i = 0; i < layers; i++) {
        states.addAll(trainers.get(i).export(i, i));
      }
      return states;
    }

    void install(List<LayerState> states) {
      states.forEach(state -> trainers.get(state.layer()).install(List.of(state)));
    }

    /** Loss, input mean and variance; gradient norm, activation mean and variance of each layer. */
    double[] step(int step, DisturbanceKind kind, int layer, double size) {
      int[] indices = order.indices(step);
      SplittableRandom random = new SplittableRandom(SEED * 31 + step);
      double[] row = new double[3 + 3 * layers];
      List<Tensor> inputs = new ArrayList<>();
      Tensor x = data.batch(indices);
      if (kind == DisturbanceKind.FEATURE_DRIFT) {
        x = hazy(x, size, random);
      }
      row[1] = x.mean();
      row[2] = x.variance();
      for (int i = 0; i < layers; i++) {
        inputs.add(x);
        SegmentTrainer.Forward pass = trainers.get(i).forward(x);
        trainers.get(i).abandonStep();
        row[4 + 3 * i] = pass.activationMean();
        row[5 + 3 * i] = pass.activationVariance();
        x = pass.output();
        if (kind == DisturbanceKind.CORRUPTED_ACTIVATIONS && i == layer) {
          x = corrupted(x, size, 5 * Math.sqrt(pass.activationVariance()), random);
          row[4 + 3 * i] = x.mean();
          row[5 + 3 * i] = x.variance();
        }
      }
      int[] labels = data.labels(indices).clone();
      if (kind == DisturbanceKind.LABEL_DRIFT) {
        drift(indices, labels, size);
      }
      trainers.get(layers - 1).forward(inputs.get(layers - 1));
      SegmentTrainer.Loss loss = trainers.get(layers - 1).lossAndBackward(labels);
      row[0] = loss.loss();
      row[3 + 3 * (layers - 1)] = loss.gradientNorm();
      Tensor gradient = loss.inputGradient();
      if (kind == DisturbanceKind.EXPLODING_GRADIENTS) {
        for (int k = 0; k < gradient.data().length; k++) {
          gradient.data()[k] *= (float) size;
        }
      }
      for (int i = layers - 2; i >= 0; i--) {
        trainers.get(i).forward(inputs.get(i));
        SegmentTrainer.Backward pass = trainers.get(i).backward(gradient);
        row[3 + 3 * i] = pass.gradientNorm();
        gradient = pass.inputGradient();
      }
      return row;
    }

    @Override
    public void close() {
      trainers.forEach(SegmentTrainer::close);
    }
  }

  /**
   * Fades into haze that is one spread of the images brighter than they are, and as noisy:
   * Koschmieder's model of vision through fog, with a sensor that has to amplify.
   */
  private static Tensor hazy(Tensor x, double share, SplittableRandom random) {
    float[] mixed = x.data().clone();
    for (int k = 0; k < mixed.length; k++) {
      mixed[k] = (float) ((1 - share) * mixed[k] + share * (1 + random.nextGaussian()));
    }
    return new Tensor(mixed, x.shape());
  }

  private static Tensor corrupted(Tensor x, double share, double spread, SplittableRandom random) {
    float[] changed = x.data().clone();
    for (int k = 0; k < changed.length; k++) {
      if (random.nextDouble() < share) {
        changed[k] = (float) (spread * random.nextGaussian());
      }
    }
    return new Tensor(changed, x.shape());
  }

  /** Once a sample has drifted it stays so, to a wrong class of its own. */
  private static void drift(int[] indices, int[] labels, double share) {
    for (int i = 0; i < labels.length; i++) {
      SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + indices[i]);
      if (random.nextDouble() < share) {
        labels[i] = (labels[i] + 1 + random.nextInt(9)) % 10;
      }
    }
  }
}
