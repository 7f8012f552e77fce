package io.foresplit.app.bench;

import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Shards;
import io.foresplit.runtime.tensor.LayerAverage;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.SegmentTrainer;
import io.foresplit.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Trains a LeNet cut after its second convolution with several clients in this process, each step
 * in the order in which the runtime sums it, and judges it by data it was not trained on.
 */
final class ModesBench {
  static final int BATCH = 32;
  static final int TURN_STEPS = 20;
  static final int AVERAGE_EVERY = 10;
  private static final int CUT = 2;
  private static final int TEST_BATCH = 200;

  private final Dataset training;
  private final Dataset test;
  private final int clients;
  private final int steps;
  private final LongSupplier nanoTime;
  private final ModelDefinition model = ModelDefinition.named("lenet");

  /**
   * A bench.
   *
   * @param steps in which all clients take part; one client at a time has as many for each client
   */
  ModesBench(Dataset training, Dataset test, int clients, int steps, LongSupplier nanoTime) {
    this.training = training;
    this.test = test;
    this.clients = clients;
    this.steps = steps;
    this.nanoTime = nanoTime;
  }

  /**
   * Trains from scratch.
   *
   * @param mode {@link Mode#CHAIN} is one client with all data and batches as large as those of all
   *     clients together
   * @param seed of weights, shards and order
   * @return share of the test samples that are told right, the mean over the clients' models
   */
  double accuracy(Mode mode, Sharding sharding, long seed) {
    boolean alone = mode == Mode.CHAIN;
    boolean turns = mode == Mode.SEQUENTIAL;
    List<int[]> shards =
        alone
            ? List.of(Shards.whole(training))
            : sharding == Sharding.IID
                ? Shards.iid(training, clients, seed)
                : Shards.byLabel(training, clients);
    int tail = mode == Mode.U_SHAPED ? 1 : 0;
    int body = model.layers().size() - tail;
    int batch = alone ? BATCH * clients : BATCH;
    List<SegmentTrainer> heads = trainers(shards.size(), 0, CUT - 1, seed);
    SegmentTrainer server = trainers(1, CUT, body - 1, seed).get(0);
    List<SegmentTrainer> tails =
        tail == 0 ? List.of() : trainers(shards.size(), body, model.layers().size() - 1, seed);
    int rounds = turns ? steps * clients : steps;
    int last = 0;
    for (int step = 0; step < rounds; step++) {
      SortedMap<Integer, Integer> samples = new TreeMap<>();
      for (int c = 0; c < shards.size(); c++) {
        int turn = step / TURN_STEPS;
        if (turns && c != turn % clients) {
          continue;
        }
        if (turns && c != last) {
          heads.get(c).install(heads.get(last).export(0, CUT - 1));
        }
        last = c;
        long own = turns ? (long) turn / clients * TURN_STEPS + step % TURN_STEPS : step;
        int[] indices = new BatchOrder(seed, shards.get(c).length, batch).indices(own);
        for (int i = 0; i < indices.length; i++) {
          indices[i] = shards.get(c)[indices[i]];
        }
        pass(c, heads.get(c), server, tails, indices);
        samples.put(c, indices.length);
      }
      server.update(samples);
      if (step % AVERAGE_EVERY == AVERAGE_EVERY - 1 && averages(mode)) {
        average(heads, 0, CUT - 1, shards);
        average(tails, body, model.layers().size() - 1, shards);
      }
    }
    List<SegmentTrainer> judged = turns ? List.of(heads.get(last)) : heads;
    double sum = 0;
    for (int c = 0; c < judged.size(); c++) {
      sum += accuracy(judged.get(c), server, tails.isEmpty() ? List.of() : List.of(tails.get(c)));
    }
    heads.forEach(SegmentTrainer::close);
    tails.forEach(SegmentTrainer::close);
    server.close();
    return sum / judged.size();
  }

  private static boolean averages(Mode mode) {
    return mode == Mode.SPLIT_FEDERATED || mode == Mode.U_SHAPED;
  }

  private List<SegmentTrainer> trainers(int count, int first, int last, long seed) {
    List<SegmentTrainer> trainers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SegmentTrainer trainer =
          new SegmentTrainer(model, new Optimiser.SgdMomentum(0.02, 0.9), seed, nanoTime);
      trainer.initialise(first, last);
      trainers.add(trainer);
    }
    return trainers;
  }

  /** A pass, and the update of what is the client's own. */
  private void pass(
      int c,
      SegmentTrainer head,
      SegmentTrainer server,
      List<SegmentTrainer> tails,
      int[] indices) {
    SortedMap<Integer, Integer> own = new TreeMap<>();
    own.put(c, indices.length);
    int[] labels = training.labels(indices);
    Tensor smashed = head.forward(c, training.batch(indices)).output();
    Tensor output = server.forward(c, smashed).output();
    Tensor gradient;
    if (tails.isEmpty()) {
      gradient = server.lossAndBackward(c, labels).inputGradient();
    } else {
      SegmentTrainer tail = tails.get(c);
      SegmentTrainer.Forward unused = tail.forward(c, output);
      Tensor back = tail.lossAndBackward(c, labels).inputGradient();
      double norm = tail.update(own);
      requireFinite(norm);
      gradient = server.backward(c, Objects.requireNonNull(back));
    }
    Tensor nobody = head.backward(c, Objects.requireNonNull(gradient));
    requireFinite(nobody == null ? head.update(own) : Double.NaN);
  }

  private static void requireFinite(double norm) {
    if (!Double.isFinite(norm)) {
      throw new ArithmeticException("the gradient must be finite, its norm was " + norm);
    }
  }

  private static void average(
      List<SegmentTrainer> trainers, int first, int last, List<int[]> shards) {
    if (trainers.isEmpty()) {
      return;
    }
    List<Integer> samples = shards.stream().map(shard -> shard.length).toList();
    List<List<LayerState>> states = trainers.stream().map(t -> t.export(first, last)).toList();
    List<LayerState> mean = new ArrayList<>();
    for (int i = 0; i <= last - first; i++) {
      int layer = i;
      mean.add(LayerAverage.of(states.stream().map(s -> s.get(layer)).toList(), samples));
    }
    trainers.forEach(t -> t.install(mean));
  }

  private double accuracy(SegmentTrainer head, SegmentTrainer server, List<SegmentTrainer> tail) {
    int classes = test.classes();
    long right = 0;
    for (int start = 0; start < test.size(); start += TEST_BATCH) {
      int[] indices = IntStream.range(start, Math.min(test.size(), start + TEST_BATCH)).toArray();
      Tensor x = test.batch(indices);
      List<SegmentTrainer> chain = new ArrayList<>(List.of(head, server));
      chain.addAll(tail);
      for (SegmentTrainer segment : chain) {
        x = segment.forward(x).output();
        segment.abandonStep();
      }
      int[] labels = test.labels(indices);
      for (int i = 0; i < labels.length; i++) {
        right += largest(x.data(), i * classes, classes) == labels[i] ? 1 : 0;
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
