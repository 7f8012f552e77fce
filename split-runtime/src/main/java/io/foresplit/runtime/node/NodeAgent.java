package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.proto.ActivateRequest;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.NodeAddress;
import io.foresplit.runtime.proto.PrepareRequest;
import io.foresplit.runtime.proto.StepRecord;
import io.foresplit.runtime.proto.TransferRequest;
import io.foresplit.runtime.proto.VerifyRequest;
import io.foresplit.runtime.security.PrivacyDeclaration;
import io.foresplit.runtime.tensor.LayerState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the coordinator can have a node do. A command that does not fit the node's epoch, or breaks
 * a rule of the job, is refused with {@link IllegalStateException}. Thread-safe.
 */
final class NodeAgent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);

  private final NodeSpec node;
  private final JobSpec job;
  private final long seed;
  private final String incarnation;
  private final NodeOptions options;
  private final NodeEnvironment environment;
  private final Dataset data;
  private final SegmentCompute compute;
  private final ComputeThread thread;
  private final FaultSchedule faults;
  private final Consumer<Throwable> fatal;
  private final PrivacyDeclaration privacy;
  private final StagedLayers staged;
  private Assignment prepared;
  private long preparedStep;
  private final Map<NodeId, String> directory = new HashMap<>();
  private volatile @Nullable Training training;

  NodeAgent(
      SplitTopology topology,
      long seed,
      String incarnation,
      NodeOptions options,
      NodeEnvironment environment,
      Dataset data,
      SegmentCompute compute,
      ComputeThread thread,
      FaultSchedule faults,
      Consumer<Throwable> fatal) {
    job = topology.job();
    node =
        job.node(options.node())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "node " + options.node() + " is not part of job " + job.id()));
    privacy = options.privacy().orElseGet(() -> PrivacyDeclaration.of(job));
    staged = new StagedLayers(StagingBudget.of(job));
    veto(topology.placement());
    prepared = Assignment.of(job, node.id(), topology.epoch(), topology.placement());
    this.seed = seed;
    this.incarnation = incarnation;
    this.options = options;
    this.environment = environment;
    this.data = data;
    this.compute = compute;
    this.thread = thread;
    this.faults = faults;
    this.fatal = fatal;
  }

  /** Whether training has begun on this node, so that it holds layers nobody else has. */
  boolean begun() {
    return training != null;
  }

  JobSpec job() {
    return job;
  }

  /** Takes what has come for this node over a link; done when there is room for more. */
  CompletionStage<Void> receive(Envelope envelope) {
    switch (envelope.getBodyCase()) {
      case ACTIVATION, GRADIENT -> {
        return begunTraining().worker().accept(envelope);
      }
      case CHUNK -> staged.accept(envelope.getChunk());
      case PROBE, BODY_NOT_SET -> {} // the acknowledgement is all that is wanted
    }
    return LinkReceiver.NOW;
  }

  /** Takes an envelope from a link, for this node or another; done when there is room for more. */
  CompletionStage<Void> fromLink(Envelope envelope) {
    return envelope.getTo().equals(node.id().value())
        ? receive(envelope)
        : begunTraining().router().accept(envelope);
  }

  /** The nodes that have a link to this one. */
  Set<String> neighbours() {
    return job.links().stream()
        .filter(link -> link.to().equals(node.id()))
        .map(link -> link.from().value())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Builds the layers that the node holds first. */
  synchronized void prepare(PrepareRequest request)
      throws InterruptedException, ExecutionException {
    if (begun()) {
      throw new IllegalStateException("training has begun on node " + node.id());
    }
    SplitTopology topology;
    try {
      topology = Codecs.TOPOLOGY.decode(request.getTopology().toByteArray());
    } catch (MalformedRecordException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    if (!topology.job().equals(job)) {
      throw new IllegalStateException(
          "the job is not the one node " + node.id() + " registered for");
    }
    veto(topology.placement());
    directory.clear();
    for (NodeAddress entry : request.getDirectoryList()) {
      directory.put(new NodeId(entry.getNode()), entry.getAddress());
    }
    prepared = Assignment.of(job, node.id(), topology.epoch(), topology.placement());
    preparedStep = request.getNextStep();
    Assignment start = prepared;
    thread.call(
        () -> {
          compute.retain(0, -1);
          if (start.holdsLayers()) {
            compute.initialise(start.firstLayer(), start.lastLayer());
          }
          return true;
        });
    LOG.info("node {} holds {}", node.id(), topology.placement().describe());
  }

  /** Training begins. */
  synchronized void begin(Instant start) {
    if (begun()) {
      return;
    }
    Training begun =
        Training.begin(
            new Training.Setting(
                job, node, seed, incarnation, options, environment, data, compute, thread, faults),
            prepared,
            preparedStep,
            directory,
            start,
            this::receive,
            fatal);
    training = begun;
    begun.start();
  }

  /** Data owner only: see {@link StepDriver#hold}. */
  long hold() throws InterruptedException {
    return driver().hold();
  }

  /** Data owner only: see {@link StepDriver#resume}. */
  long resume(long epoch) {
    requireEpoch(epoch);
    return driver().resume();
  }

  List<LayerDigest> transfer(TransferRequest request)
      throws InterruptedException, ExecutionException {
    requireEpoch(request.getEpoch());
    Training now = begunTraining();
    int first = request.getFirstLayer();
    int last = request.getLastLayer();
    if (first > last
        || !now.worker().assignment().holds(first)
        || !now.worker().assignment().holds(last)) {
      throw new IllegalStateException(
          "node " + node.id() + " does not hold layers " + first + " to " + last);
    }
    NodeId target = new NodeId(request.getTarget());
    vetoTransfer(first, last, target);
    List<LayerState> states = thread.call(() -> compute.export(first, last));
    return new StateTransfer(now.router())
        .send(request.getAction(), states, target);
  }

  void verify(VerifyRequest request) throws InterruptedException, ExecutionException {
    requireEpoch(request.getEpoch());
    veto(placement(request.getTargetList()));
    Map<Integer, byte[]> states =
        staged.verified(
            request.getAction(),
            request.getLayersList(),
            Duration.ofMillis(request.getWaitMillis()));
    thread.call(
        () -> {
          decode(states.values()).forEach(compute::check);
          return true;
        });
  }

  /** Puts a committed placement in force; nothing changes unless all its layers are here. */
  synchronized void activate(ActivateRequest request)
      throws InterruptedException, ExecutionException {
    Placement placement = placement(request.getPlacementList());
    SegmentWorker worker = begunTraining().worker();
    Assignment old = worker.assignment();
    if (request.getEpoch() == old.epoch() && placement.equals(old.placement())) {
      staged.end(request.getAction());
      return;
    }
    if (request.getEpoch() != old.epoch() + 1) {
      throw new IllegalStateException(
          "expected epoch " + (old.epoch() + 1) + ", was " + request.getEpoch());
    }
    veto(placement);
    Assignment next = Assignment.of(job, node.id(), request.getEpoch(), placement);
    List<Integer> gained =
        next.holdsLayers()
            ? IntStream.rangeClosed(next.firstLayer(), next.lastLayer())
                .filter(layer -> !old.holds(layer))
                .boxed()
                .toList()
            : List.of();
    Map<Integer, byte[]> states = staged.complete(request.getAction());
    for (int layer : gained) {
      if (!states.containsKey(layer)) {
        throw new IllegalStateException("layer " + layer + " is not on node " + node.id());
      }
    }
    thread.call(
        () -> {
          List<LayerState> install = decode(gained.stream().map(states::get).toList());
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
          worker.assign(next, request.getNextStep());
          return true;
        });
    staged.end(request.getAction());
    LOG.info("node {} is at epoch {}: {}", node.id(), next.epoch(), placement.describe());
  }

  void abort(String action) {
    staged.end(action);
  }

  /** Steps the data owner has driven; empty on other nodes. */
  List<StepRecord> steps(long since, int limit) {
    Training now = training;
    return now == null
        ? List.of()
        : now.driver().map(driver -> driver.log().since(since, limit)).orElse(List.of());
  }

  private Training begunTraining() {
    Training now = training;
    if (now == null) {
      throw new IllegalStateException("training has not begun on node " + node.id());
    }
    return now;
  }

  private StepDriver driver() {
    return begunTraining()
        .driver()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "node " + node.id() + " is not the data owner, it drives no steps"));
  }

  private void requireEpoch(long epoch) {
    long own = begunTraining().worker().assignment().epoch();
    if (epoch != own) {
      throw new IllegalStateException(
          "node " + node.id() + " is at epoch " + own + ", the command was for " + epoch);
    }
  }

  private void veto(Placement placement) {
    List<String> violations = placement.violations(job);
    if (!violations.isEmpty()) {
      throw new IllegalStateException(
          "node " + node.id() + " vetoes the placement: " + String.join("; ", violations));
    }
  }

  /** State of a layer may go only where some allowed placement has the layer. */
  private void vetoTransfer(int first, int last, NodeId target) {
    for (int layer = first; layer <= last; layer++) {
      if (!privacy.mayHold(layer, target)) {
        throw new IllegalStateException(
            "node " + node.id() + " vetoes the transfer: layer " + layer + " must not be on "
                + target);
      }
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
    Optional.ofNullable(training).ifPresent(Training::close);
  }
}
