package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.ClientReport;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.tensor.LayerAverage;
import io.foresplit.runtime.tensor.LayerState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Layers of clients on their way: from the client whose turn ends to the next, or to the first node
 * after the clients, which averages them, and back. All travels over the declared links.
 * Thread-safe.
 */
final class ClientModels implements AutoCloseable {
  private static final String HAND_OVER = "client-hand-over";
  private static final String SHARE = "client-share";
  private static final String MEAN = "client-mean";

  private final JobSpec job;
  private final NodeId self;
  private final ComputeThread compute;
  private final SegmentCompute head;
  private final Optional<SegmentCompute> tail;
  private final StateTransfer.Sender sender;
  private final Consumer<Throwable> fatal;
  private final List<Integer> layers;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread created = new Thread(task, "client-models");
            created.setDaemon(true);
            return created;
          });

  // confined to the thread
  private final Map<Key, Map<Integer, ChunkAssembly>> coming = new HashMap<>();
  private final Map<Long, Map<NodeId, Share>> shares = new HashMap<>();

  private record Key(String action, long step, NodeId from) {}

  private record Share(List<LayerState> states, int samples) {}

  /**
   * On any node of a job with several clients.
   *
   * @param placement says which layers clients hold; they stay there
   * @param tail layers of a client after the servers
   */
  ClientModels(
      JobSpec job,
      NodeId self,
      Placement placement,
      ComputeThread compute,
      SegmentCompute head,
      Optional<SegmentCompute> tail,
      StateTransfer.Sender sender,
      Consumer<Throwable> fatal) {
    this.job = job;
    this.self = self;
    this.compute = compute;
    this.head = head;
    this.tail = tail;
    this.sender = sender;
    this.fatal = fatal;
    layers =
        IntStream.range(0, placement.nodeOfLayer().size())
            .filter(layer -> placement.nodeOfLayer().get(layer).equals(job.dataOwner()))
            .boxed()
            .toList();
  }

  /** Sends this client's layers to the next one. */
  void handOver(long step, NodeId next, int samples)
      throws InterruptedException, ExecutionException {
    send(HAND_OVER, step, next, export(), samples, List.of());
  }

  /** Sends this client's layers to be averaged with those of other clients. */
  void share(long step, NodeId to, int samples, List<String> clients)
      throws InterruptedException, ExecutionException {
    send(SHARE, step, to, export(), samples, clients);
  }

  private List<LayerState> export() throws InterruptedException, ExecutionException {
    return compute.call(
        () -> {
          int body = job.layers().size() - job.scheme().tailLayers();
          int last =
              layers.stream()
                  .filter(layer -> layer < body)
                  .max(Comparator.naturalOrder())
                  .orElseThrow();
          List<LayerState> states = new ArrayList<>(head.export(0, last));
          tail.ifPresent(end -> states.addAll(end.export(body, job.layers().size() - 1)));
          return states;
        });
  }

  private void send(
      String action,
      long step,
      NodeId to,
      List<LayerState> states,
      int samples,
      List<String> clients)
      throws InterruptedException, ExecutionException {
    StateTransfer transfer =
        new StateTransfer(sender, to, StateTransfer.CHUNK_BYTES, StateTransfer.WINDOW);
    for (LayerState state : states) {
      transfer.send(
          StateChunk.newBuilder()
              .setPart(StateChunk.Part.CLIENT_MODEL)
              .setAction(action)
              .setStep(step)
              .setLayer(state.layer())
              .setSamples(samples)
              .addAllClients(clients),
          state.encode());
    }
    transfer.flush();
  }

  /** Takes a piece of a client's layers. */
  void accept(NodeId from, StateChunk chunk) {
    try {
      thread.execute(
          () -> {
            try {
              take(from, chunk);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } catch (ExecutionException | RuntimeException e) {
              fatal.accept(e);
            }
          });
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the node ends", e);
    }
  }

  private void take(NodeId from, StateChunk chunk) throws InterruptedException, ExecutionException {
    Key key = new Key(chunk.getAction(), chunk.getStep(), from);
    Map<Integer, ChunkAssembly> model = coming.computeIfAbsent(key, k -> new TreeMap<>());
    ChunkAssembly layer = model.computeIfAbsent(chunk.getLayer(), l -> new ChunkAssembly());
    int unused = layer.add(chunk);
    if (!layer.damage().isEmpty()) {
      throw new IllegalStateException("layers of client " + from + ": " + layer.damage());
    }
    if (!model.keySet().containsAll(layers)
        || !model.values().stream().allMatch(ChunkAssembly::complete)) {
      return;
    }
    coming.remove(key);
    long bytes = model.values().stream().mapToLong(ChunkAssembly::bytes).sum();
    List<LayerState> states =
        model.values().stream()
            .map(whole -> LayerState.decode(whole.whole().orElseThrow()))
            .toList();
    switch (chunk.getAction()) {
      case HAND_OVER -> install(chunk.getStep(), states, bytes);
      // up and down
      case MEAN -> install(chunk.getStep(), states, 2 * bytes);
      case SHARE -> shared(chunk, from, new Share(states, chunk.getSamples()));
      default -> throw new IllegalStateException("layers of a client came for " + key);
    }
  }

  private void install(long step, List<LayerState> states, long bytes)
      throws InterruptedException, ExecutionException {
    if (!job.clients().contains(self)) {
      throw new IllegalStateException("node " + self + " is no client, layers came for one");
    }
    int body = job.layers().size() - job.scheme().tailLayers();
    boolean unused =
        compute.call(
            () -> {
              head.install(states.stream().filter(state -> state.layer() < body).toList());
              tail.ifPresent(
                  end ->
                      end.install(states.stream().filter(state -> state.layer() >= body).toList()));
              return true;
            });
    sender.send(
        job.dataOwner(),
        Envelope.newBuilder()
            .setReport(
                ClientReport.newBuilder()
                    .setKind(ClientReport.Kind.MODEL)
                    .setStep(step)
                    .setBytes(bytes)));
  }

  private void shared(StateChunk chunk, NodeId from, Share share)
      throws InterruptedException, ExecutionException {
    Map<NodeId, Share> all = shares.computeIfAbsent(chunk.getStep(), s -> new HashMap<>());
    all.put(from, share);
    List<NodeId> clients = chunk.getClientsList().stream().map(NodeId::new).toList();
    if (!all.keySet().containsAll(clients)) {
      return;
    }
    shares.remove(chunk.getStep());
    List<Share> ordered = new ArrayList<>();
    clients.forEach(client -> ordered.add(all.get(client)));
    List<Integer> samples = ordered.stream().map(Share::samples).toList();
    List<LayerState> mean = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      int layer = i;
      mean.add(LayerAverage.of(ordered.stream().map(s -> s.states().get(layer)).toList(), samples));
    }
    for (NodeId client : clients) {
      send(MEAN, chunk.getStep(), client, mean, 0, List.of());
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
