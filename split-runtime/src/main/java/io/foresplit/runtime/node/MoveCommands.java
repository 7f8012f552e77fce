package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.AbortRequest;
import io.foresplit.runtime.proto.ActivateRequest;
import io.foresplit.runtime.proto.CancelRequest;
import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.proto.CopyRequest;
import io.foresplit.runtime.proto.CopyResponse;
import io.foresplit.runtime.proto.DigestRequest;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.ExpectRequest;
import io.foresplit.runtime.proto.Fence;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.ObserveRequest;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.proto.TransferRequest;
import io.foresplit.runtime.proto.TransferResponse;
import io.foresplit.runtime.proto.VerifyRequest;
import io.foresplit.runtime.security.PrivacyDeclaration;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the coordinator can have a node do for a move of layers. A command that comes late, does not
 * fit the node's epoch, is for an action that is over, or breaks a rule of the job changes nothing
 * and is refused with {@link IllegalStateException}. Thread-safe.
 */
final class MoveCommands implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MoveCommands.class);

  private final NodeSpec node;
  private final SegmentCompute compute;
  private final ComputeThread thread;
  private final Supplier<Training> training;
  private final CommandFence fence;
  private final PrivacyDeclaration privacy;
  private final StagedLayers staged;
  private final LiveCopies copies;
  private volatile boolean recovering;

  /**
   * Commands to one node.
   *
   * @param training throws before it has begun
   */
  MoveCommands(
      NodeSpec node,
      JobSpec job,
      SegmentCompute compute,
      ComputeThread thread,
      LongSupplier nanoTime,
      Supplier<Training> training) {
    this.node = node;
    this.compute = compute;
    this.thread = thread;
    this.training = training;
    privacy = PrivacyDeclaration.of(job);
    staged = new StagedLayers(StagingBudget.of(job));
    fence = new CommandFence(node.id());
    copies = new LiveCopies(job, compute, thread, nanoTime, staged::ended);
  }

  /** Who is to be told what layers take and get in steps. */
  StepTap tap() {
    return copies;
  }

  /** Takes a piece of layer state, or of a step, from the node that has the layer; no other's. */
  void accept(Envelope envelope) {
    StateChunk chunk = envelope.getChunk();
    List<NodeId> holders = training.get().worker().assignment().placement().nodeOfLayer();
    if (chunk.getLayer() < 0
        || chunk.getLayer() >= holders.size()
        || !holders.get(chunk.getLayer()).value().equals(envelope.getFrom())) {
      LOG.debug(
          "a piece of layer {} is dropped: {} has it not", chunk.getLayer(), envelope.getFrom());
      return;
    }
    if (chunk.getPart() == StateChunk.Part.STATE) {
      staged.accept(chunk);
    } else {
      copies.accept(chunk);
    }
  }

  /** Vetoes the placement of a pre-copy, or takes what comes for it. */
  void expect(ExpectRequest request) {
    admit(request.getFence(), request.getAction());
    requireEpoch(request.getEpoch());
    Placement target = placement(request.getTargetList());
    veto(target);
    List<LayerRun> runs = request.getRunsList().stream().map(LiveCopies::run).toList();
    Assignment own = training.get().worker().assignment();
    for (LayerRun run : runs) {
      for (int layer = run.first(); layer <= run.last(); layer++) {
        if (layer >= target.nodeOfLayer().size()
            || own.holds(layer)
            || !target.nodeOfLayer().get(layer).equals(node.id())) {
          throw new IllegalStateException(
              "layer " + layer + " does not come to node " + node.id() + " with this placement");
        }
      }
    }
    copies.expect(request.getAction(), runs, training.get().worker());
  }

  /** Begins a pre-copy of layers that are here. */
  CopyResponse copy(CopyRequest request) throws InterruptedException, ExecutionException {
    admit(request.getFence(), request.getAction());
    requireEpoch(request.getEpoch());
    if (!job().scheme().isPlain()) {
      throw new IllegalStateException(
          "layers are copied while training goes on in jobs of one client and one pass a step alone");
    }
    Training now = training.get();
    requireMovable(
        request.getRun().getFirstLayer(),
        request.getRun().getLastLayer(),
        new NodeId(request.getTarget()));
    return copies.copy(request, now.worker(), now.router());
  }

  /** How far a pre-copy is here. */
  CopyProgress observe(ObserveRequest request) {
    admit(request.getFence(), request.getAction());
    requireEpoch(request.getEpoch());
    return copies.progress(request.getAction(), LiveCopies.run(request.getRun()));
  }

  /** What layers of a pre-copy are at a step boundary. */
  TransferResponse digest(DigestRequest request) throws InterruptedException, ExecutionException {
    admit(request.getFence(), request.getAction());
    requireEpoch(request.getEpoch());
    return copies.digest(request, training.get().worker());
  }

  /** Ends one pre-copy of an action that goes on. */
  void cancel(CancelRequest request) {
    fence.admit(request.getFence());
    copies.cancel(request.getAction(), LiveCopies.run(request.getRun()));
  }

  /** Sends layers while training is held. */
  List<LayerDigest> transfer(TransferRequest request)
      throws InterruptedException, ExecutionException {
    admit(request.getFence(), request.getAction());
    requireEpoch(request.getEpoch());
    Training now = training.get();
    int first = request.getFirstLayer();
    int last = request.getLastLayer();
    NodeId target = new NodeId(request.getTarget());
    requireMovable(first, last, target);
    List<LayerState> states = thread.call(() -> compute.export(first, last));
    return new StateTransfer(
            now.router()::send, target, StateTransfer.CHUNK_BYTES, StateTransfer.WINDOW)
        .send(request.getAction(), states);
  }

  /** Layers that are here, and of which some allowed placement has each on the target. */
  private void requireMovable(int first, int last, NodeId target) {
    Assignment own = training.get().worker().assignment();
    if (first > last || !own.holds(first) || !own.holds(last)) {
      throw new IllegalStateException(
          "node " + node.id() + " does not hold layers " + first + " to " + last);
    }
    for (int layer = first; layer <= last; layer++) {
      if (!privacy.mayHold(layer, target)) {
        throw new IllegalStateException(
            "node "
                + node.id()
                + " vetoes the transfer: layer "
                + layer
                + " must not be on "
                + target);
      }
    }
  }

  /** Checks that layers have come, the placement and the step. */
  void verify(VerifyRequest request) throws InterruptedException, ExecutionException {
    admit(request.getFence(), request.getAction());
    requireEpoch(request.getEpoch());
    Placement target = placement(request.getTargetList());
    veto(target);
    requirePinned(target);
    long steps = training.get().worker().steps();
    boolean always = job().scheme().peers().isEmpty() || job().tier(node.id()) > 0;
    if (always
        && training.get().worker().assignment().inSteps()
        && steps != request.getNextStep()) {
      throw new IllegalStateException(
          "node "
              + node.id()
              + " has done "
              + steps
              + " steps, training is held at "
              + request.getNextStep());
    }
    Map<Integer, byte[]> states =
        staged.verified(
            request.getAction(),
            copies.notReplayed(request.getAction(), request.getLayersList()),
            Duration.ofMillis(request.getWaitMillis()));
    thread.call(
        () -> {
          decode(states.values()).forEach(compute::check);
          return true;
        });
  }

  /** Layers of clients stay where they are when each client has its own, or holds both ends. */
  private void requirePinned(Placement target) {
    Assignment own = training.get().worker().assignment();
    Assignment next = Assignment.of(job(), node.id(), own.epoch(), target);
    if (job().scheme().pinsClients()
        && job().tier(node.id()) == 0
        && !next.layers().equals(own.layers())) {
      throw new IllegalStateException(
          "client "
              + node.id()
              + " keeps layers "
              + own.layers()
              + ", was to have "
              + next.layers());
    }
  }

  /** Puts a committed placement in force; nothing changes unless all its layers are here. */
  synchronized void activate(ActivateRequest request)
      throws InterruptedException, ExecutionException {
    fence.admit(request.getFence());
    requireNoRecovery();
    Placement placement = placement(request.getPlacementList());
    SegmentWorker worker = training.get().worker();
    Assignment old = worker.assignment();
    if (request.getEpoch() == old.epoch() && placement.equals(old.placement())) {
      end(request.getAction());
      return;
    }
    if (request.getEpoch() != old.epoch() + 1) {
      throw new IllegalStateException(
          "expected epoch " + (old.epoch() + 1) + ", was " + request.getEpoch());
    }
    veto(placement);
    Assignment next = Assignment.of(job(), node.id(), request.getEpoch(), placement);
    List<Integer> gained =
        next.holdsLayers()
            ? IntStream.rangeClosed(next.firstLayer(), next.lastLayer())
                .filter(layer -> !old.holds(layer))
                .boxed()
                .toList()
            : List.of();
    Map<Integer, byte[]> states = staged.complete(request.getAction());
    List<Integer> replayed =
        copies.replayed(request.getAction()).stream().filter(l -> !states.containsKey(l)).toList();
    for (int layer : gained) {
      if (!states.containsKey(layer) && !replayed.contains(layer)) {
        throw new IllegalStateException("layer " + layer + " is not on node " + node.id());
      }
    }
    thread.call(
        () -> {
          List<LayerState> install =
              decode(gained.stream().filter(states::containsKey).map(states::get).toList());
          if (!next.holdsLayers() || !old.holdsLayers()) {
            compute.retain(0, -1);
          } else {
            compute.retain(
                Math.max(old.firstLayer(), next.firstLayer()),
                Math.min(old.lastLayer(), next.lastLayer()));
          }
          if (!install.isEmpty()) {
            compute.install(install);
          }
          copies.adopt(request.getAction(), gained.stream().filter(replayed::contains).toList());
          worker.assign(next, request.getNextStep());
          training
              .get()
              .tail()
              .ifPresent(
                  tail ->
                      Assignment.tail(job(), node.id(), next.epoch(), placement)
                          .ifPresent(own -> tail.assign(own, request.getNextStep())));
          return true;
        });
    copies.close();
    end(request.getAction());
    LOG.info("node {} is at epoch {}: {}", node.id(), next.epoch(), placement.describe());
  }

  /** Whether moves are refused, and those under way given up, since a recovery is under way. */
  void halt(boolean now) {
    recovering = now;
    copies.close();
  }

  /** Forgets an action. */
  void abort(AbortRequest request) {
    fence.admit(request.getFence());
    end(request.getAction());
  }

  /** An action is over: nothing that comes for it has an effect any more. */
  private void end(String action) {
    staged.end(action);
    copies.end(action);
  }

  /** Refuses a command of a coordinator or controller before the last one. */
  void admit(Fence command) {
    fence.admit(command);
  }

  /** Refuses also a command for an action that is over. */
  void admit(Fence command, String action) {
    fence.admit(command);
    requireNoRecovery();
    if (staged.ended(action)) {
      throw new IllegalStateException("action " + action + " is over on node " + node.id());
    }
  }

  private void requireNoRecovery() {
    if (recovering) {
      throw new IllegalStateException("node " + node.id() + " waits to be restored");
    }
  }

  /** Refuses a command for another epoch than the one in force here. */
  void requireEpoch(long epoch) {
    long own = training.get().worker().assignment().epoch();
    if (epoch != own) {
      throw new IllegalStateException(
          "node " + node.id() + " is at epoch " + own + ", the command was for " + epoch);
    }
  }

  private JobSpec job() {
    return training.get().job();
  }

  /** Refuses a placement that breaks a rule of the job. */
  private void veto(Placement placement) {
    veto(node.id(), job(), placement);
  }

  /** Has a node refuse a placement that breaks a rule of the job as far as its nodes take part. */
  static void veto(NodeId node, JobSpec job, Placement placement) {
    List<String> violations = placement.violations(job);
    if (!violations.isEmpty()) {
      throw new IllegalStateException(
          "node " + node + " vetoes the placement: " + String.join("; ", violations));
    }
  }

  private static Placement placement(List<String> nodeOfLayer) {
    return new Placement(nodeOfLayer.stream().map(NodeId::new).toList());
  }

  private static List<LayerState> decode(Iterable<byte @Nullable []> encoded) {
    List<LayerState> states = new ArrayList<>();
    for (byte[] state : encoded) {
      if (state != null) {
        states.add(LayerState.decode(state));
      }
    }
    return states;
  }

  @Override
  public void close() {
    copies.close();
  }
}
