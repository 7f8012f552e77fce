package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.link.LinkCompressions;
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
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the coordinator can have a node do after another has died. Recoveries are numbered, over
 * restarts of the coordinator too; a command of one before the last, or of one that is over,
 * changes nothing and is refused with {@link IllegalStateException}. Thread-safe.
 */
final class RecoveryCommands implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecoveryCommands.class);
  private static final int MOST_LOG = 1_000;

  private final NodeId self;
  private final JobSpec job;
  private final NodeLayers layers;
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
      NodeLayers layers,
      ComputeThread thread,
      NodeEnvironment environment,
      MoveCommands moves,
      Supplier<Training> training,
      Replication replication) {
    this.self = self;
    this.job = job;
    staged = new StagedLayers(StagingBudget.of(job));
    this.layers = layers;
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
            && trains(new NodeId(envelope.getFrom()), holders.get(layer));
    if (holder || (waits && chunk.getEpoch() > own.epoch())) {
      replication.accept(envelope.getFrom(), chunk);
    } else {
      LOG.debug("a replica of layer {} is dropped: {} has it not", layer, envelope.getFrom());
    }
  }

  /** In a placement the data owner stands for all clients. */
  private boolean trains(NodeId node, NodeId named) {
    return node.equals(named) || (job.tier(node) == 0 && job.tier(named) == 0);
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
    long nextStep = now.halt(action(request.getRecovery()));
    Assignment own = now.worker().assignment();
    return HaltResponse.newBuilder()
        .setNextStep(nextStep)
        .setEpoch(own.epoch())
        .setEmpty(!own.inSteps())
        .addAllLog(
            now.driver()
                .map(driver -> driver.log().since(request.getLogSince(), MOST_LOG))
                .orElse(List.of()))
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
    JobSpec left = present(request.getPresentList());
    MoveCommands.veto(self, left, placement);
    NodeId target = new NodeId(request.getTarget());
    if (!request.getOwner().isEmpty() && !request.getOwner().equals(target.value())) {
      throw new IllegalStateException(
          "layers of client " + request.getOwner() + " are not for client " + target);
    }
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
      if (!trains(target, placement.nodeOfLayer().get(layer))) {
        throw new IllegalStateException(
            "layer " + layer + " is not for node " + target + " but " + placement.describe());
      }
      byte[] encoded = kept(request.getStep(), new OwnedLayer(request.getOwner(), layer)).encode();
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
    JobSpec left = present(request.getPresentList());
    MoveCommands.veto(self, left, placement);
    Map<Integer, byte[]> arrived =
        staged.verified(
            action(request.getRecovery()),
            request.getLayersList(),
            Duration.ofMillis(request.getWaitMillis()));
    List<LayerState> states = new ArrayList<>();
    arrived.values().forEach(encoded -> states.add(LayerState.decode(encoded)));
    Assignment next = Assignment.of(left, self, request.getEpoch(), placement);
    if (!request.getAnew()) {
      List<Integer> here = new ArrayList<>(needed(left, next, request.getStep()));
      here.removeAll(arrived.keySet());
      states.addAll(kept(request.getStep(), here));
    }
    thread.call(
        () -> {
          states.forEach(layers.head()::check);
          return true;
        });
    requireCurrent(request.getRecovery());
    replication.keep(request.getStep(), states);
  }

  /**
   * Puts a committed placement in force as of a step; nothing changes unless all is here.
   *
   * @param compression of links from then on
   */
  synchronized void restore(RestoreRequest request, LinkCompressions compression)
      throws InterruptedException, ExecutionException {
    moves.admit(request.getFence());
    Training now = training.get();
    Placement placement = new Placement(nodes(request.getPlacementList()));
    Assignment old = now.worker().assignment();
    if (!halted && old.epoch() == request.getEpoch() && old.placement().equals(placement)) {
      return;
    }
    requireCurrent(request.getRecovery());
    JobSpec left = present(request.getPresentList());
    MoveCommands.veto(self, left, placement);
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
    Assignment next = Assignment.of(left, self, request.getEpoch(), placement);
    List<LayerState> states = request.getAnew() ? List.of() : kept(step, needed(left, next, step));
    if (request.getAnew()) {
      LOG.warn("nothing was kept of the layers of client {}: they begin anew from the seed", self);
    }
    List<LayerState> own = thread.call(() -> install(left, next, step, states, compression));
    replication.attach(now);
    replication.restored(next.epoch(), step, own);
    now.worker().tap(moves.tap());
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

  /**
   * On the compute thread: builds layers from the seed, or as they were kept.
   *
   * @return the layers as of the step
   */
  private List<LayerState> install(
      JobSpec left,
      Assignment next,
      long step,
      List<LayerState> states,
      LinkCompressions compression) {
    Training now = training.get();
    layers.head().retain(0, -1);
    if (next.holdsLayers() && states.isEmpty()) {
      layers.initialise(next.firstLayer(), next.lastLayer());
    } else if (next.holdsLayers()) {
      layers.install(states);
    }
    now.enter(left, next, step, compression);
    // a client before its turn has nothing of this step
    boolean current = step == 0 || !needed(left, next, step).isEmpty();
    if (!next.holdsLayers() || !current) {
      return List.of();
    }
    return states.isEmpty() ? layers.export(next.firstLayer(), next.lastLayer()) : states;
  }

  /** Layers of which this node needs a state as of a step. */
  private List<Integer> needed(JobSpec left, Assignment next, long step) {
    boolean client = left.tier(self) == 0;
    boolean turn =
        !client
            || left.scheme().ownLayers()
            || left.clients().indexOf(self) == left.scheme().turn(step);
    if (step == 0 || !turn) {
      return List.of();
    }
    List<Integer> needed = new ArrayList<>(next.layers());
    if (client) {
      int end = left.layers().size();
      IntStream.range(end - left.scheme().tailLayers(), end).forEach(needed::add);
    }
    return needed;
  }

  /** The job as far as its nodes take part from now on. */
  private JobSpec present(List<String> names) {
    return job.scheme().pinsClients() ? job.among(nodes(names)) : job;
  }

  private List<LayerState> kept(long step, List<Integer> own) {
    return own.stream().map(layer -> kept(step, OwnedLayer.of(job, self, layer))).toList();
  }

  private LayerState kept(long step, OwnedLayer layer) {
    return replication
        .get(step, layer)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "layer " + layer.layer() + " as of step " + step + " is not on node " + self));
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
