package io.foresplit.runtime;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingScheme;
import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Shards;
import io.foresplit.runtime.node.ScalingCompute;
import io.foresplit.runtime.node.SegmentCompute;
import io.foresplit.runtime.tensor.LayerAverage;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The algorithms of several clients, one after the other in one thread, without any network. */
final class ReferenceTraining {
  private final JobSpec job;
  private final Dataset data;
  private final long seed;
  private final int width;
  private final int headLayers;
  private final int body;
  private final List<int[]> shards;
  private final Map<NodeId, SegmentCompute> heads = new HashMap<>();
  private final Map<NodeId, SegmentCompute> tails = new HashMap<>();
  private final SegmentCompute server;
  private final List<Double> losses = new ArrayList<>();

  /**
   * Before the first step.
   *
   * @param job as declared
   * @param headLayers first layers, which each client has
   */
  ReferenceTraining(JobSpec job, Dataset data, long seed, int width, int headLayers) {
    this.job = job;
    this.data = data;
    this.seed = seed;
    this.width = width;
    this.headLayers = headLayers;
    body = job.layers().size() - job.scheme().tailLayers();
    int clients = job.clients().size();
    shards = clients == 1 ? List.of(Shards.whole(data)) : Shards.iid(data, clients, seed);
    job.clients().forEach(this::anew);
    server = compute(headLayers, body - 1);
  }

  /** Losses of the steps so far. */
  List<Double> losses() {
    return List.copyOf(losses);
  }

  /** Steps with these clients alone, until there are so many. */
  ReferenceTraining until(int steps, List<NodeId> clients) {
    List<NodeId> present = new ArrayList<>(clients);
    job.nodes().stream().skip(1).forEach(node -> present.add(node.id()));
    while (losses.size() < steps) {
      step(job.among(present));
    }
    return this;
  }

  /** A client has its layers of the seed again. */
  void anew(NodeId client) {
    heads.put(client, compute(0, headLayers - 1));
    if (job.scheme().tailLayers() > 0) {
      tails.put(client, compute(body, job.layers().size() - 1));
    }
  }

  /** What a client has. */
  List<LayerState> layers(NodeId client) {
    List<LayerState> states = new ArrayList<>(compute(heads, client).export(0, headLayers - 1));
    if (tails.containsKey(client)) {
      states.addAll(compute(tails, client).export(body, job.layers().size() - 1));
    }
    return states;
  }

  /** A client goes on with what some client had. */
  void set(NodeId client, List<LayerState> states) {
    List<LayerState> own = states.stream().map(state -> LayerState.decode(state.encode())).toList();
    compute(heads, client).install(own.subList(0, headLayers));
    if (tails.containsKey(client)) {
      compute(tails, client).install(own.subList(headLayers, own.size()));
    }
  }

  private static SegmentCompute compute(Map<NodeId, SegmentCompute> of, NodeId client) {
    SegmentCompute found = of.get(client);
    if (found == null) {
      throw new AssertionError(client + " has no layers");
    }
    return found;
  }

  private SegmentCompute compute(int first, int last) {
    ScalingCompute compute = new ScalingCompute(width, true);
    compute.initialise(first, last);
    return compute;
  }

  private void step(JobSpec now) {
    TrainingScheme scheme = now.scheme();
    List<NodeId> clients = now.clients();
    int step = losses.size();
    boolean turns = scheme.mode() == Mode.SEQUENTIAL;
    if (step > 0 && scheme.averageEvery() > 0 && step % scheme.averageEvery() == 0) {
      average(clients);
    }
    int turn = turns ? step / scheme.turnSteps() : 0;
    SortedMap<Integer, Integer> all = new TreeMap<>();
    double loss = 0;
    double samples = 0;
    for (int c = 0; c < clients.size(); c++) {
      if (turns && c != turn % clients.size()) {
        continue;
      }
      long own =
          turns
              ? (long) turn / clients.size() * scheme.turnSteps() + step % scheme.turnSteps()
              : step;
      SortedMap<Integer, Integer> mine = new TreeMap<>();
      loss += client(clients.get(c), c, own, mine) * job.batchSize();
      samples += job.batchSize();
      all.putAll(mine);
    }
    server.update(all);
    losses.add(loss / samples);
  }

  /** Clients that take turns have one state of their layers. */
  private SegmentCompute head(NodeId client) {
    return compute(heads, job.scheme().mode() == Mode.SEQUENTIAL ? job.clients().get(0) : client);
  }

  private double client(NodeId client, int index, long own, SortedMap<Integer, Integer> mine) {
    int micro = job.scheme().microBatches();
    int[] shard = shards.get(job.clients().indexOf(client));
    int[] batch = new BatchOrder(seed, shard.length, job.batchSize()).indices(own);
    double sum = 0;
    for (int m = 0; m < micro; m++) {
      int[] part = new int[job.batchSize() / micro];
      for (int i = 0; i < part.length; i++) {
        part[i] = shard[batch[m * part.length + i]];
      }
      int pass = index * micro + m;
      Tensor h = head(client).forward(pass, data.batch(part)).output();
      Tensor s = server.forward(pass, h).output();
      Tensor gradient;
      double value;
      if (job.scheme().tailLayers() > 0) {
        SegmentCompute tail = compute(tails, client);
        tail.forward(pass, s);
        SegmentCompute.Loss end = tail.lossAndBackward(pass, data.labels(part));
        value = end.loss();
        gradient = server.backward(pass, end.inputGradient().orElseThrow()).orElseThrow();
      } else {
        SegmentCompute.Loss end = server.lossAndBackward(pass, data.labels(part));
        value = end.loss();
        gradient = end.inputGradient().orElseThrow();
      }
      head(client).backward(pass, gradient);
      mine.put(pass, part.length);
      sum += value * part.length;
    }
    head(client).update(mine);
    if (job.scheme().tailLayers() > 0) {
      compute(tails, client).update(mine);
    }
    return sum / job.batchSize();
  }

  private void average(List<NodeId> clients) {
    if (clients.size() < 2) {
      return;
    }
    List<Integer> samples =
        clients.stream().map(client -> shards.get(job.clients().indexOf(client)).length).toList();
    List<List<LayerState>> states = clients.stream().map(this::layers).toList();
    List<LayerState> mean = new ArrayList<>();
    for (int i = 0; i < states.get(0).size(); i++) {
      int layer = i;
      mean.add(LayerAverage.of(states.stream().map(s -> s.get(layer)).toList(), samples));
    }
    clients.forEach(client -> set(client, mean));
  }
}
