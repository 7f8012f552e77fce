package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.proto.CopyRequest;
import io.foresplit.runtime.proto.CopyResponse;
import io.foresplit.runtime.proto.DigestRequest;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.LayerRange;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.proto.TransferResponse;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The pre-copies a node is the source or the target of. A node takes part in one action at a time.
 * Thread-safe.
 */
final class LiveCopies implements StepTap, AutoCloseable {
  /** Most bytes of steps that wait on a node for sending, and as many for replay. */
  static final long MAX_WAITING_BYTES = Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);

  private final JobSpec job;
  private final SegmentCompute compute;
  private final ComputeThread thread;
  private final LongSupplier nanoTime;
  private final Predicate<String> ended;
  private final Map<Key, OutgoingLayers> outgoing = new TreeMap<>();
  private final Map<Key, IncomingLayers> incoming = new TreeMap<>();

  private record Key(String action, LayerRun run) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byAction = action.compareTo(other.action);
      return byAction != 0 ? byAction : run.compareTo(other.run);
    }
  }

  /**
   * No pre-copies.
   *
   * @param ended whether an action is over here
   */
  LiveCopies(
      JobSpec job,
      SegmentCompute compute,
      ComputeThread thread,
      LongSupplier nanoTime,
      Predicate<String> ended) {
    this.job = job;
    this.compute = compute;
    this.thread = thread;
    this.nanoTime = nanoTime;
    this.ended = ended;
  }

  static LayerRange message(LayerRun run) {
    return LayerRange.newBuilder().setFirstLayer(run.first()).setLastLayer(run.last()).build();
  }

  static LayerRun run(LayerRange message) {
    return new LayerRun(message.getFirstLayer(), message.getLastLayer());
  }

  /** The source's part: snapshot at the next boundary, then every step. */
  CopyResponse copy(CopyRequest request, SegmentWorker worker, Router router)
      throws InterruptedException, ExecutionException {
    LayerRun run = run(request.getRun());
    Key key = new Key(request.getAction(), run);
    endOthers(request.getAction());
    requireNew(key);
    StateTransfer transfer =
        new StateTransfer(
            router::send,
            new NodeId(request.getTarget()),
            StateTransfer.SHARED_CHUNK_BYTES,
            StateTransfer.SHARED_WINDOW);
    CompletableFuture<OutgoingLayers> begun =
        worker.betweenSteps(
            step -> {
              OutgoingLayers layers =
                  new OutgoingLayers(
                      key.action(),
                      run,
                      step,
                      compute.export(run.first(), run.last()),
                      transfer,
                      nanoTime,
                      this::share);
              add(key, layers);
              return layers;
            });
    try {
      OutgoingLayers layers = begun.get(request.getWaitMillis(), TimeUnit.MILLISECONDS);
      return CopyResponse.newBuilder()
          .setFirstStep(layers.progress().getNextStep())
          .setSnapshotBytes(layers.snapshotBytes())
          .build();
    } catch (TimeoutException e) {
      begun.cancel(false);
      throw new IllegalStateException(
          "no step boundary within " + request.getWaitMillis() + " ms", e);
    }
  }

  /** What each source may have waiting. */
  private synchronized long share() {
    return MAX_WAITING_BYTES / Math.max(1, outgoing.size());
  }

  private synchronized void requireNew(Key key) {
    if (outgoing.keySet().stream().anyMatch(other -> other.run().overlaps(key.run()))) {
      throw new IllegalStateException(
          "layers " + key.run() + " are under way already for action " + key.action());
    }
  }

  /** On the compute thread, at a boundary. */
  private synchronized void add(Key key, OutgoingLayers layers) {
    if (ended.test(key.action())) {
      layers.close();
      throw new IllegalStateException("action " + key.action() + " is over");
    }
    try {
      requireNew(key);
    } catch (IllegalStateException e) {
      layers.close();
      throw e;
    }
    outgoing.put(key, layers);
    record();
  }

  /** On the compute thread: has kept what the sources that are there now need. */
  private synchronized void record() {
    compute.record(outgoing.keySet().stream().map(Key::run).distinct().toList());
  }

  @Override
  public synchronized void inputs(long step, Map<LayerRun, Tensor> inputs) {
    for (OutgoingLayers layers : outgoing.values()) {
      Tensor input = inputs.get(layers.run());
      if (input != null) {
        layers.input(step, input);
      }
    }
  }

  @Override
  public synchronized void gradients(long step, Map<LayerRun, Tensor> gradients) {
    for (OutgoingLayers layers : outgoing.values()) {
      Tensor gradient = gradients.get(layers.run());
      if (gradient != null) {
        layers.gradient(step, gradient);
      }
    }
  }

  /** The target's part: from now on takes what comes for these layers. */
  synchronized void expect(String action, List<LayerRun> runs, SegmentWorker worker) {
    endOthers(action);
    requireCountable(runs);
    for (LayerRun run : runs) {
      incoming.computeIfAbsent(
          new Key(action, run),
          k ->
              new IncomingLayers(
                  action,
                  run,
                  replays(worker),
                  StagingBudget.bytes(job, run.first(), run.last()),
                  MAX_WAITING_BYTES / runs.size()));
    }
  }

  /** Refuses runs that share layers, or come on top of others: they share what may wait here. */
  private void requireCountable(List<LayerRun> runs) {
    List<LayerRun> before = incoming.keySet().stream().map(Key::run).toList();
    List<LayerRun> sorted = runs.stream().sorted().toList();
    for (int i = 0; i < sorted.size(); i++) {
      if (before.isEmpty()
          ? i > 0 && sorted.get(i).overlaps(sorted.get(i - 1))
          : !before.contains(sorted.get(i))) {
        throw new IllegalStateException(
            "layers "
                + sorted.get(i)
                + " are not to come beside "
                + (before.isEmpty() ? sorted.subList(0, i) : before));
      }
    }
  }

  private IncomingLayers.Replays replays(SegmentWorker worker) {
    return new IncomingLayers.Replays() {
      @Override
      public void execute(Runnable work) {
        thread.execute(work);
      }

      @Override
      public <T> T call(Callable<T> work) throws InterruptedException, ExecutionException {
        return thread.call(work);
      }

      @Override
      public SegmentCompute.Replica build(List<LayerState> states) {
        states.forEach(compute::check);
        return compute.replica(states);
      }

      @Override
      public double replay(
          SegmentCompute.Replica replica, LayerRun run, Tensor input, Tensor gradient)
          throws InterruptedException {
        return worker.replay(replica, run, input, gradient);
      }
    };
  }

  /** Takes a chunk of a pre-copy; what is not expected is dropped. */
  void accept(StateChunk chunk) {
    LayerRange range = chunk.getRun();
    if (range.getFirstLayer() < 0 || range.getLastLayer() < range.getFirstLayer()) {
      return;
    }
    IncomingLayers layers;
    synchronized (this) {
      layers = incoming.get(new Key(chunk.getAction(), run(chunk.getRun())));
    }
    if (layers != null) {
      layers.accept(chunk);
    }
  }

  /** How far a pre-copy is here. */
  CopyProgress progress(String action, LayerRun run) {
    Optional<OutgoingLayers> source = source(action, run);
    return source.isPresent() ? source.get().progress() : target(action, run).progress();
  }

  /** What the layers are at a step boundary at which training is held. */
  TransferResponse digest(DigestRequest request, SegmentWorker worker)
      throws InterruptedException, ExecutionException {
    LayerRun run = run(request.getRun());
    Duration limit = Duration.ofMillis(request.getWaitMillis());
    Optional<OutgoingLayers> source = source(request.getAction(), run);
    TransferResponse.Builder response = TransferResponse.newBuilder();
    if (source.isEmpty()) {
      return response
          .addAllLayers(target(request.getAction(), run).digests(request.getNextStep(), limit))
          .build();
    }
    if (worker.steps() != request.getNextStep()) {
      throw new IllegalStateException(
          "the source has done " + worker.steps() + " steps, expected " + request.getNextStep());
    }
    for (LayerState state : thread.call(() -> compute.export(run.first(), run.last()))) {
      response.addLayers(Checksums.replayed(state));
    }
    return response.setSentBytes(source.get().sentBytes()).build();
  }

  /** Those layers that were not replayed here to what is expected of them. */
  synchronized List<LayerDigest> notReplayed(String action, List<LayerDigest> expected) {
    List<LayerDigest> others = new ArrayList<>(expected);
    of(action).forEach(layers -> others.removeAll(layers.digests()));
    return others;
  }

  /** Layers of an action that have been replayed here and whose digests are known. */
  synchronized List<Integer> replayed(String action) {
    return of(action).stream()
        .flatMap(layers -> layers.digests().stream())
        .map(LayerDigest::getLayer)
        .toList();
  }

  /** On the compute thread: makes replayed layers part of the segment. */
  void adopt(String action, List<Integer> gained) {
    List<IncomingLayers> all;
    synchronized (this) {
      all = of(action);
    }
    for (IncomingLayers layers : all) {
      if (gained.contains(layers.run().first())) {
        layers.take().ifPresent(compute::adopt);
      }
    }
  }

  private List<IncomingLayers> of(String action) {
    return incoming.entrySet().stream()
        .filter(e -> e.getKey().action().equals(action))
        .map(Map.Entry::getValue)
        .toList();
  }

  private synchronized Optional<OutgoingLayers> source(String action, LayerRun run) {
    return Optional.ofNullable(outgoing.get(new Key(action, run)));
  }

  private synchronized IncomingLayers target(String action, LayerRun run) {
    IncomingLayers layers = incoming.get(new Key(action, run));
    if (layers == null) {
      throw new IllegalStateException(
          "layers " + run + " are not being copied for action '" + action + "'");
    }
    return layers;
  }

  /** Ends one pre-copy. */
  synchronized void cancel(String action, LayerRun run) {
    Key key = new Key(action, run);
    OutgoingLayers source = outgoing.remove(key);
    if (source != null) {
      source.close();
      thread.execute(this::record);
    }
    IncomingLayers target = incoming.remove(key);
    if (target != null) {
      target.close();
    }
  }

  /** Moves come one after the other: what is left of another was not told that it is over. */
  private synchronized void endOthers(String action) {
    List<String> others =
        Stream.concat(outgoing.keySet().stream(), incoming.keySet().stream())
            .map(Key::action)
            .filter(other -> !other.equals(action))
            .distinct()
            .toList();
    others.forEach(this::end);
  }

  /** Ends all pre-copies of an action. */
  synchronized void end(String action) {
    List<LayerRun> runs =
        Stream.concat(outgoing.keySet().stream(), incoming.keySet().stream())
            .filter(key -> key.action().equals(action))
            .map(Key::run)
            .toList();
    runs.forEach(run -> cancel(action, run));
  }

  /** Ends all: layers have changed their nodes, or the node ends. */
  @Override
  public synchronized void close() {
    List.copyOf(outgoing.keySet()).forEach(key -> cancel(key.action(), key.run()));
    List.copyOf(incoming.keySet()).forEach(key -> cancel(key.action(), key.run()));
  }
}
