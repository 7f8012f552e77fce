package io.foresplit.app.bench;

import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Evaluation;
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
 * Clients and one server in this process, without a network: the formulas of {@code
 * docs/training.md}, summed in the order in which the runtime sums them. A LeNet is cut after its
 * second convolution; u-shaped, its last layer is the clients' too. Not thread-safe.
 */
final class LocalClients implements AutoCloseable {
  /** Sequential: steps of a turn. */
  static final int TURN_STEPS = 20;

  /** Split-federated and u-shaped: steps from one averaging to the next. */
  static final int AVERAGE_EVERY = 10;

  private static final int CUT = 2;
  private static final int TEST_BATCH = 200;

  private final ModelDefinition model = ModelDefinition.named("lenet");
  private final Mode mode;
  private final Dataset data;
  private final List<int[]> shards;
  private final List<BatchOrder> orders;
  private final List<SegmentTrainer> heads;
  private final SegmentTrainer server;
  private final List<SegmentTrainer> tails;
  private int holder;

  /**
   * @param shards samples of each client
   * @param batch samples of a client in a step
   * @param seed of weights and order
   */
  LocalClients(
      Mode mode, Dataset data, List<int[]> shards, int batch, long seed, LongSupplier nanoTime) {
    this.mode = mode;
    this.data = data;
    this.shards = shards;
    int end = model.layers().size();
    int tail = mode == Mode.U_SHAPED ? end - 1 : end;
    orders = shards.stream().map(shard -> new BatchOrder(seed, shard.length, batch)).toList();
    heads = trainers(shards.size(), 0, CUT, seed, nanoTime);
    server = trainers(1, CUT, tail, seed, nanoTime).get(0);
    tails = tail == end ? List.of() : trainers(shards.size(), tail, end, seed, nanoTime);
  }

  private List<SegmentTrainer> trainers(
      int count, int from, int to, long seed, LongSupplier nanoTime) {
    List<SegmentTrainer> trainers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SegmentTrainer trainer =
          new SegmentTrainer(model, new Optimiser.SgdMomentum(0.02, 0.9), seed, nanoTime);
      trainer.initialise(from, to - 1);
      trainers.add(trainer);
    }
    return trainers;
  }

  /**
   * One step, of one client in mode sequential and of all in the others.
   *
   * @throws ArithmeticException when loss or gradient is not finite
   */
  void step(int step) {
    SortedMap<Integer, Integer> samples = new TreeMap<>();
    if (mode == Mode.SEQUENTIAL) {
      int turn = step / TURN_STEPS;
      handOver(turn % shards.size());
      pass(holder, turn / shards.size() * TURN_STEPS + step % TURN_STEPS, samples);
    } else {
      for (int client = 0; client < shards.size(); client++) {
        pass(client, step, samples);
      }
    }
    update(server, samples);
    boolean averages = mode == Mode.SPLIT_FEDERATED || mode == Mode.U_SHAPED;
    if (averages && (step + 1) % AVERAGE_EVERY == 0) {
      average(heads);
      average(tails);
    }
  }

  private void handOver(int next) {
    if (next != holder) {
      heads.get(next).install(state(heads.get(holder)));
      holder = next;
    }
  }

  /** A client's pass, and the update of what is its own. */
  private void pass(int client, int ownStep, SortedMap<Integer, Integer> samples) {
    int[] shard = shards.get(client);
    int[] indices = IntStream.of(orders.get(client).indices(ownStep)).map(i -> shard[i]).toArray();
    samples.put(client, indices.length);
    SortedMap<Integer, Integer> own = new TreeMap<>(samples.subMap(client, client + 1));
    int[] labels = data.labels(indices);
    SegmentTrainer head = heads.get(client);
    Tensor smashed = head.forward(client, data.batch(indices)).output();
    Tensor output = server.forward(client, smashed).output();
    Tensor gradient;
    if (tails.isEmpty()) {
      gradient = server.lossAndBackward(client, labels).inputGradient();
    } else {
      SegmentTrainer tail = tails.get(client);
      SegmentTrainer.Forward unused = tail.forward(client, output);
      Tensor back = tail.lossAndBackward(client, labels).inputGradient();
      update(tail, own);
      gradient = server.backward(client, Objects.requireNonNull(back));
    }
    Tensor unused = head.backward(client, Objects.requireNonNull(gradient));
    update(head, own);
  }

  private static void update(SegmentTrainer trainer, SortedMap<Integer, Integer> samples) {
    double norm = trainer.update(samples);
    if (!Double.isFinite(norm)) {
      throw new ArithmeticException("the gradient must be finite, its norm was " + norm);
    }
  }

  private void average(List<SegmentTrainer> trainers) {
    if (trainers.isEmpty()) {
      return;
    }
    List<Integer> samples = shards.stream().map(shard -> shard.length).toList();
    List<List<LayerState>> states = trainers.stream().map(LocalClients::state).toList();
    List<LayerState> mean =
        IntStream.range(0, states.get(0).size())
            .mapToObj(i -> LayerAverage.of(states.stream().map(s -> s.get(i)).toList(), samples))
            .toList();
    trainers.forEach(trainer -> trainer.install(mean));
  }

  private static List<LayerState> state(SegmentTrainer trainer) {
    return trainer.export(trainer.firstLayer(), trainer.lastLayer());
  }

  /** Share of the first samples told right: the mean over clients, or that of the last turn. */
  double accuracy(Dataset test, int samples) {
    return (mode == Mode.SEQUENTIAL ? IntStream.of(holder) : IntStream.range(0, shards.size()))
        .mapToDouble(
            client -> Evaluation.of(x -> logits(client, x), test, samples, TEST_BATCH).accuracy())
        .average()
        .orElseThrow();
  }

  private Tensor logits(int client, Tensor images) {
    Tensor x = through(server, through(heads.get(client), images));
    return tails.isEmpty() ? x : through(tails.get(client), x);
  }

  private static Tensor through(SegmentTrainer segment, Tensor input) {
    Tensor output = segment.forward(input).output();
    segment.abandonStep();
    return output;
  }

  @Override
  public void close() {
    heads.forEach(SegmentTrainer::close);
    server.close();
    tails.forEach(SegmentTrainer::close);
  }
}
