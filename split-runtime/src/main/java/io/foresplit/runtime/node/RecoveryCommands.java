package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.CheckRequest;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.HaltRequest;
import io.foresplit.runtime.proto.HaltResponse;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.NodeAddress;
import io.foresplit.runtime.proto.ProvideRequest;
import io.foresplit.runtime.proto.RegroupRequest;
import io.foresplit.runtime.proto.RestoreRequest;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.tensor.LayerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the coordinator can have a node do after another has died. Recoveries are numbered, over
 * restarts of the coordinator too; a command of one before the last, or of one that is over,
 * changes nothing and is refused with {@link IllegalStateException}. Thread-safe.
 */
final class RecoveryCommands implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecoveryCommands.class);

  private final NodeId self;
  private final JobSpec job;
  private final SegmentCompute compute;
  private final ComputeThread thread;
  private final NodeEnvironment environment;
  private final MoveCommands moves;
  private final Supplier<Training> training;
  private final Replication replication;
  private final StagedLayers staged;

  // guarded by this
  private long recovery;
  private boolean halted;
  private long revision;
  private final List<BackgroundSender> providing = new ArrayList<>();

  /**
   * Commands to one node.
   *
   * @param training throws before it has begun
   */
  RecoveryCommands(
      NodeId self,
      JobSpec job,
      SegmentCompute compute,
      ComputeThread thread,
      NodeEnvironment environment,
      MoveCommands moves,
      Supplier<Training> training,
      Replication replication) {
    this.self = self;
    this.job = job;
    staged = new StagedLayers(StagingBudget.of(job));
    this.compute = compute;
    this.thread = thread;
    this.environment = environment;
    this.moves = moves;
    this.training = training;
    this.replication = replication;
  }

  /** The action for which steps are held in a recovery. */
  static String action(long recovery) {
    return "recovery-" + recovery;
  }

  /** Whether the node waits to be restored. */
  synchronized boolean halted() {
    return halted;
  }

  Replication replication() {
    return replication;
  }

  /**
   * Takes a replica of the node that has the layer, or, while this node waits to be restored, a
   * kept state that is needed here. Replicas of a placement that this node is about to learn of
   * come only then, too.
   */
  void accept(Envelope envelope) {
    StateChunk chunk = envelope.getChunk();
    boolean waits = halted();
    if (chunk.getPart() == StateChunk.Part.RESTORED) {
      if (waits) {
        staged.accept(chunk);
      }
      return;
    }
    Assignment own = training.get().worker().assignment();
    List<NodeId> holders = own.placement().nodeOfLayer();
    int layer = chunk.getLayer();
    boolean holder =
        layer >= 0
            && layer < holders.size()
            && holders.get(layer).value().equals(envelope.getFrom());
    if (holder || (waits && chunk.getEpoch() > own.epoch())) {
      replication.accept(envelope.getFrom(), chunk);
    } else {
      LOG.debug("a replica of layer {} is dropped: {} has it not", layer, envelope.getFrom());
    }
  }

  /** Stops at once. */
  HaltResponse halt(HaltRequest request) throws InterruptedException, ExecutionException {
    moves.admit(request.getFence());
    Training now = training.get();
    synchronized (this) {
      if (request.getRecovery() < recovery || (request.getRecovery() == recovery && !halted)) {
        throw new IllegalStateException(
            "recovery " + request.getRecovery() + " is over on node " + self);
      }
      staged.end(action(recovery));
      recovery = request.getRecovery();
      halted = true;
      providing.forEach(BackgroundSender::giveUp);
      providing.clear();
    }
    moves.halt(true);
    now.driver().ifPresent(driver -> driver.halt(action(request.getRecovery())));
    long nextStep = now.worker().abandon().get();
    if (now.driver().isPresent()) {
      now.driver().get().awaitStill();
    }
    return HaltResponse.newBuilder()
        .setNextStep(nextStep)
        .setEpoch(now.worker().assignment().epoch())
        .addAllHeld(replication.held(true))
        .build();
  }

  /** Takes the way messages go from now on. */
  synchronized void regroup(RegroupRequest request) {
    moves.admit(request.getFence());
    if (request.getRevision() <= revision) {
      return;
    }
    List<NodeId> route = nodes(request.getRouteList());
    Map<NodeId, String> directory = new TreeMap<>();
    for (NodeAddress entry : request.getDirectoryList()) {
      directory.put(new NodeId(entry.getNode()), entry.getAddress());
    }
    training.get().regroup(route, directory);
    replication.regroup(route);
    revision = request.getRevision();
    LOG.info("node {} sends by way of {}", self, route);
  }

  /** Sends kept states to where they are needed. */
  List<LayerDigest> provide(ProvideRequest request)
      throws InterruptedException, ExecutionException {
    moves.admit(request.getFence());
    Placement placement = new Placement(nodes(request.getPlacementList()));
    moves.veto(placement);
    NodeId target = new NodeId(request.getTarget());
    BackgroundSender sender =
        new BackgroundSender(
            training.get().router()::send, environment.nanoTime(), environment.pacer(), 1);
    synchronized (this) {
      requireCurrent(request.getRecovery());
      providing.add(sender);
    }
    StateTransfer transfer =
        new StateTransfer(sender, target, StateTransfer.CHUNK_BYTES, StateTransfer.RECOVERY_WINDOW);
    List<CompletableFuture<LayerDigest>> digests = new ArrayList<>();
    for (int layer : request.getLayersList()) {
      if (!placement.nodeOfLayer().get(layer).equals(target)) {
        throw new IllegalStateException(
            "layer " + layer + " is not for node " + target + " but " + placement.describe());
      }
      byte[] encoded = kept(request.getStep(), layer).encode();
      // computed while the link is busy
      digests.add(CompletableFuture.supplyAsync(() -> Checksums.digest(layer, encoded)));
      transfer.send(
          StateChunk.newBuilder()
              .setPart(StateChunk.Part.RESTORED)
              .setAction(action(request.getRecovery()))
              .setLayer(layer),
          encoded);
    }
    transfer.flush();
    return digests.stream().map(CompletableFuture::join).toList();
  }

  /** Checks that this node can go on from a step. */
  void check(CheckRequest request) throws InterruptedException, ExecutionException {
    moves.admit(request.getFence());
    requireCurrent(request.getRecovery());
    Placement placement = new Placement(nodes(request.getPlacementList()));
    moves.veto(placement);
    Map<Integer, byte[]> arrived =
        staged.verified(
            action(request.getRecovery()),
            request.getLayersList(),
            Duration.ofMillis(request.getWaitMillis()));
    List<LayerState> states = new ArrayList<>();
    arrived.values().forEach(encoded -> states.add(LayerState.decode(encoded)));
    Assignment next = Assignment.of(job, self, request.getEpoch(), placement);
    if (request.getStep() > 0) {
      for (int layer : next.layers()) {
        if (!arrived.containsKey(layer)) {
          states.add(kept(request.getStep(), layer));
        }
      }
    }
    thread.call(
        () -> {
          states.forEach(compute::check);
          return true;
        });
    requireCurrent(request.getRecovery());
    replication.keep(request.getStep(), states);
  }

  /** Puts a committed placement in force as of a step; nothing changes unless all is here. */
  synchronized void restore(RestoreRequest request)
      throws InterruptedException, ExecutionException {
    moves.admit(request.getFence());
    Training now = training.get();
    Placement placement = new Placement(nodes(request.getPlacementList()));
    Assignment old = now.worker().assignment();
    if (!halted && old.epoch() == request.getEpoch() && old.placement().equals(placement)) {
      return;
    }
    requireCurrent(request.getRecovery());
    moves.veto(placement);
    if (request.getEpoch() <= old.epoch()) {
      throw new IllegalStateException(
          "node "
              + self
              + " is at epoch "
              + old.epoch()
              + ", was to go back to "
              + request.getEpoch());
    }
    long step = request.getStep();
    Assignment next = Assignment.of(job, self, request.getEpoch(), placement);
    List<LayerState> states = new ArrayList<>();
    if (step > 0) {
      for (int layer : next.layers()) {
        states.add(kept(step, layer));
      }
    }
    List<LayerState> own =
        thread.call(
            () -> {
              compute.retain(0, -1);
              boolean anew = next.holdsLayers() && step == 0;
              if (anew) {
                compute.initialise(next.firstLayer(), next.lastLayer());
              } else if (next.holdsLayers()) {
                compute.install(states);
              }
              now.worker().assign(next, step);
              return anew ? compute.export(next.firstLayer(), next.lastLayer()) : states;
            });
    now.driver().ifPresent(driver -> driver.rewind(step));
    replication.restored(next.epoch(), step, own);
    staged.end(action(request.getRecovery()));
    moves.halt(false);
    halted = false;
    LOG.info(
        "node {} goes on from step {} at epoch {}: {}",
        self,
        step,
        next.epoch(),
        placement.describe());
  }

  private LayerState kept(long step, int layer) {
    return replication
        .get(step, layer)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "layer " + layer + " as of step " + step + " is not on node " + self));
  }

  private synchronized void requireCurrent(long asked) {
    if (!halted || asked != recovery) {
      throw new IllegalStateException(
          "recovery " + asked + " is over on node " + self + ", the last one is " + recovery);
    }
  }

  private static List<NodeId> nodes(List<String> names) {
    return names.stream().map(NodeId::new).toList();
  }

  @Override
  public void close() {
    replication.close();
    synchronized (this) {
      providing.forEach(BackgroundSender::giveUp);
    }
  }
}
