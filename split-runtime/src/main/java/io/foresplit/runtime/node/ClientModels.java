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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Layers of clients on their way: from the client whose turn ends to the next, or to the first node
 * after the clients, which averages them, and back. All travels over the declared links.
 * Thread-safe.
 */
final class ClientModels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClientModels.class);
  private static final String HAND_OVER = "client-hand-over";
  private static final String SHARE = "client-share";
  private static final String MEAN = "client-mean";

  private final JobSpec job;
  private final NodeId self;
  private final ComputeThread compute;
  private final NodeLayers own;
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

  private final StepPlan plan;
  private final SegmentWorker worker;
  private final long mostBytes;
  private volatile boolean closed;

  // confined to the thread
  private final Map<NodeId, Coming> coming = new HashMap<>();
  private final Map<NodeId, Share> shares = new HashMap<>();
  private long sharing = -1;

  /** Layers of which some have come; those of one step alone are kept of each sender. */
  private record Coming(String action, long step, Map<Integer, ChunkAssembly> layers) {
    boolean complete(List<Integer> wanted) {
      return layers.keySet().containsAll(wanted)
          && layers.values().stream().allMatch(ChunkAssembly::complete);
    }

    long bytes() {
      return layers.values().stream().mapToLong(ChunkAssembly::bytes).sum();
    }

    long heldBytes() {
      return layers.values().stream().mapToLong(ChunkAssembly::heldBytes).sum();
    }
  }

  private record Share(List<LayerState> states, int samples) {}

  /**
   * On any node of a job with several clients.
   *
   * @param placement says which layers clients hold; they stay there
   * @param own layers of this node
   */
  ClientModels(
      JobSpec job,
      NodeId self,
      Placement placement,
      ComputeThread compute,
      NodeLayers own,
      StateTransfer.Sender sender,
      SegmentWorker worker,
      Consumer<Throwable> fatal) {
    this.job = job;
    this.self = self;
    this.compute = compute;
    this.own = own;
    this.sender = sender;
    this.worker = worker;
    this.fatal = fatal;
    layers =
        IntStream.range(0, placement.nodeOfLayer().size())
            .filter(layer -> placement.nodeOfLayer().get(layer).equals(job.dataOwner()))
            .boxed()
            .toList();
    plan = new StepPlan(job);
    mostBytes = layers.stream().mapToLong(layer -> StagingBudget.bytes(job, layer, layer)).sum();
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
          return own.export(0, last);
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
              .setEpoch(worker.assignment().epoch())
              .setLayer(state.layer())
              .setSamples(samples)
              .addAllClients(clients),
          state.encode());
    }
    transfer.flush();
  }

  /**
   * Takes a piece of a client's layers; done when there is room for more. What is not awaited from
   * its sender, or does not fit, is refused.
   */
  CompletionStage<Void> accept(NodeId from, StateChunk chunk) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    try {
      thread.execute(
          () -> {
            try {
              take(from, chunk);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } catch (IllegalArgumentException e) {
              refuse(from, chunk, e);
            } catch (ExecutionException | RuntimeException e) {
              if (e.getCause() instanceof IllegalArgumentException misfit) {
                refuse(from, chunk, misfit);
              } else if (!closed) {
                fatal.accept(e);
              }
            } finally {
              over.complete(null);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("layers of {} for step {} come too late", from, chunk.getStep());
      over.complete(null);
    }
    return over;
  }

  private void refuse(NodeId from, StateChunk chunk, IllegalArgumentException why) {
    coming.remove(from);
    LOG.warn("layers of {} for step {} are refused: {}", from, chunk.getStep(), why.getMessage());
  }

  private void take(NodeId from, StateChunk chunk) throws InterruptedException, ExecutionException {
    if (!awaited(from, chunk)) {
      throw new IllegalArgumentException(
          "'" + chunk.getAction() + "' is not what this step has for node " + self);
    }
    Coming model = coming.get(from);
    if (model == null
        || model.step() != chunk.getStep()
        || !model.action().equals(chunk.getAction())) {
      model = new Coming(chunk.getAction(), chunk.getStep(), new TreeMap<>());
      coming.put(from, model);
    }
    ChunkAssembly layer =
        model.layers().computeIfAbsent(chunk.getLayer(), l -> new ChunkAssembly());
    int unused = layer.add(chunk);
    if (!layer.damage().isEmpty() || model.heldBytes() > mostBytes) {
      throw new IllegalArgumentException(
          layer.damage().isEmpty() ? "more than " + mostBytes + " bytes came" : layer.damage());
    }
    if (!model.complete(layers)) {
      return;
    }
    coming.remove(from);
    List<LayerState> states =
        model.layers().values().stream()
            .map(whole -> LayerState.decode(whole.whole().orElseThrow()))
            .toList();
    for (int i = 0; i < states.size(); i++) {
      if (states.get(i).layer() != layers.get(i)) {
        throw new IllegalArgumentException(
            "expected layer " + layers.get(i) + ", was " + states.get(i).layer());
      }
    }
    boolean unusedCheck =
        compute.call(
            () -> {
              states.forEach(own.head()::check);
              return true;
            });
    switch (chunk.getAction()) {
      case HAND_OVER -> install(chunk.getStep(), states, model.bytes(), () -> {});
      // up and down
      case MEAN ->
          install(
              chunk.getStep(), states, 2 * model.bytes(), () -> worker.missed(chunk.getStep() + 1));
      case SHARE -> shared(chunk, from, new Share(states, chunk.getSamples()));
      default ->
          throw new IllegalStateException("layers of a client came for " + chunk.getAction());
    }
  }

  /** Whether the job's scheme has such layers go from there to here in such a step. */
  private boolean awaited(NodeId from, StateChunk chunk) {
    long step = chunk.getStep();
    NodeId middle = job.nodes().get(1).id();
    return step >= 0
        && layers.contains(chunk.getLayer())
        && switch (chunk.getAction()) {
          case HAND_OVER ->
              plan.handsOver(step).equals(Optional.of(from))
                  && plan.clients(step).equals(List.of(self));
          case SHARE ->
              plan.averages(step)
                  && job.clients().contains(from)
                  && self.equals(middle)
                  && chunk.getSamples() > 0
                  && chunk.getClientsList().size() <= job.clients().size()
                  && chunk.getClientsList().contains(from.value());
          case MEAN -> plan.averages(step) && from.equals(middle) && job.clients().contains(self);
          default -> false;
        };
  }

  /**
   * Puts layers in force.
   *
   * @param before on the compute thread, while the old ones are
   */
  private void install(long step, List<LayerState> states, long bytes, Runnable before)
      throws InterruptedException, ExecutionException {
    boolean unused =
        compute.call(
            () -> {
              if (closed) {
                return false;
              }
              before.run();
              own.install(states);
              return true;
            });
    CompletableFuture<Void> unusedReport =
        sender.send(
            job.dataOwner(),
            Envelope.newBuilder()
                .setReport(
                    ClientReport.newBuilder()
                        .setKind(ClientReport.Kind.MODEL)
                        .setStep(step)
                        .setEpoch(worker.assignment().epoch())
                        .setBytes(bytes)));
  }

  private void shared(StateChunk chunk, NodeId from, Share share)
      throws InterruptedException, ExecutionException {
    if (chunk.getStep() != sharing) {
      shares.clear();
      sharing = chunk.getStep();
    }
    shares.put(from, share);
    List<NodeId> clients = chunk.getClientsList().stream().map(NodeId::new).toList();
    if (!shares.keySet().containsAll(clients)) {
      return;
    }
    List<Share> ordered = new ArrayList<>();
    clients.forEach(client -> ordered.add(shares.get(client)));
    List<Integer> samples = ordered.stream().map(Share::samples).toList();
    List<LayerState> mean = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      int layer = i;
      mean.add(LayerAverage.of(ordered.stream().map(s -> s.states().get(layer)).toList(), samples));
    }
    shares.clear();
    for (NodeId client : clients) {
      send(MEAN, chunk.getStep(), client, mean, 0, List.of());
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
  }
}
