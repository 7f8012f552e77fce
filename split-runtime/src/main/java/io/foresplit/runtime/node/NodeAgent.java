package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.runtime.Compressions;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.BeginRequest;
import io.foresplit.runtime.proto.CompressRequest;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.HeldStep;
import io.foresplit.runtime.proto.HoldRequest;
import io.foresplit.runtime.proto.NodeAddress;
import io.foresplit.runtime.proto.PrepareRequest;
import io.foresplit.runtime.proto.RestoreRequest;
import io.foresplit.runtime.proto.ResumeRequest;
import io.foresplit.runtime.proto.StateChunk.Part;
import io.foresplit.runtime.proto.StepRecord;
import io.foresplit.runtime.proto.StopRequest;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node from its registration on: its layers are built, training begins, steps are held and go on;
 * for what else the coordinator can have it do see {@link MoveCommands}. A command that does not
 * fit the node's epoch, or breaks a rule of the job, is refused with {@link IllegalStateException}.
 * Thread-safe.
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
  private final Optional<SegmentCompute> tail;
  private final NodeLayers layers;
  private final ComputeThread thread;
  private final FaultSchedule faults;
  private final Consumer<Throwable> fatal;
  private final MoveCommands moves;
  private final Optional<RecoveryCommands> recovery;
  private Assignment prepared;
  private JobSpec preparedJob;
  private long preparedStep;
  private final CompressionTable compression;
  private final Passage passage;
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
      Optional<SegmentCompute> tail,
      ComputeThread thread,
      FaultSchedule faults,
      Optional<ReplicationSpec> replication,
      Consumer<Throwable> fatal) {
    job = topology.job();
    node =
        job.node(options.node())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "node " + options.node() + " is not part of job " + job.id()));
    preparedJob = job;
    prepared = Assignment.of(job, node.id(), topology.epoch(), topology.placement());
    compression = new CompressionTable(node.id());
    passage = new Passage(job, node.id());
    this.seed = seed;
    this.incarnation = incarnation;
    this.options = options;
    this.environment = environment;
    this.data = data;
    this.compute = compute;
    this.tail = tail;
    layers = new NodeLayers(job, compute, tail);
    this.thread = thread;
    this.faults = faults;
    this.fatal = fatal;
    moves =
        new MoveCommands(node, job, compute, thread, environment.nanoTime(), this::begunTraining);
    recovery =
        replication.map(
            spec ->
                new RecoveryCommands(
                    node.id(),
                    job,
                    layers,
                    thread,
                    environment,
                    moves,
                    this::begunTraining,
                    new Replication(job, spec, node.id(), layers, environment)));
    MoveCommands.veto(node.id(), job, topology.placement());
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
      case ACTIVATION, GRADIENT, CLOSE, COMMAND, REPORT -> {
        return begunTraining().accept(envelope);
      }
      case CHUNK -> {
        Part part = envelope.getChunk().getPart();
        if (part == Part.REPLICA || part == Part.RESTORED) {
          recovery.ifPresent(commands -> commands.accept(envelope));
        } else if (part == Part.CLIENT_MODEL) {
          return begunTraining().accept(envelope);
        } else {
          moves.accept(envelope);
        }
      }
      case PROBE, BODY_NOT_SET -> {} // the acknowledgement is all that is wanted
    }
    return LinkReceiver.NOW;
  }

  /** Takes an envelope from a link, for this node or another; done when there is room for more. */
  CompletionStage<Void> fromLink(Envelope envelope) {
    passage.require(envelope);
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
    moves.admit(request.getFence());
    if (begun() && request.getEmpty()) {
      return; // it has been let in already
    }
    if (begun()) {
      throw new IllegalStateException("training has begun on node " + node.id());
    }
    SplitTopology topology;
    try {
      topology = Codecs.TOPOLOGY.decode(request.getTopology().toByteArray());
    } catch (MalformedRecordException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    JobSpec present =
        request.getEmpty() && job.scheme().pinsClients()
            ? job.among(topology.job().participants().stream().map(NodeSpec::id).toList())
            : job;
    if (!topology.job().equals(present)) {
      throw new IllegalStateException(
          "the job is not the one node " + node.id() + " registered for");
    }
    MoveCommands.veto(node.id(), present, topology.placement());
    preparedJob = present;
    directory.clear();
    for (NodeAddress entry : request.getDirectoryList()) {
      directory.put(new NodeId(entry.getNode()), entry.getAddress());
    }
    prepared =
        request.getEmpty()
            ? Assignment.idle(topology.epoch(), topology.placement())
            : Assignment.of(job, node.id(), topology.epoch(), topology.placement());
    preparedStep = request.getNextStep();
    compression.set(Compressions.decode(request.getCompression()).checked(job));
    Assignment start = prepared;
    thread.call(
        () -> {
          compute.retain(0, -1);
          if (start.holdsLayers()) {
            layers.initialise(start.firstLayer(), start.lastLayer());
          }
          return true;
        });
    LOG.info("node {} holds {}", node.id(), topology.placement().describe());
  }

  /** Training begins. */
  synchronized void begin(BeginRequest request) throws InterruptedException, ExecutionException {
    moves.admit(request.getFence());
    if (begun()) {
      return;
    }
    Instant start = Instant.ofEpochMilli(request.getStartMillis());
    Training begun =
        Training.begin(
            new Training.Setting(
                job,
                node,
                seed,
                incarnation,
                options,
                environment,
                data,
                compute,
                tail,
                thread,
                faults),
            preparedJob,
            prepared,
            preparedStep,
            directory,
            start,
            this::receive,
            fatal);
    LinkCompressions links = compression.inForce();
    thread.call(
        () -> {
          begun.compress(links, seed);
          return true;
        });
    training = begun;
    begun.worker().tap(moves.tap());
    recovery.ifPresent(commands -> commands.replication().start(begun));
    begun.start();
  }

  /** What the coordinator can have the node do for a move of layers. */
  MoveCommands moves() {
    return moves;
  }

  /**
   * Compresses links otherwise from the next step on. A command that comes late, is for an action
   * that is over, for another epoch or of an older table changes nothing and is refused; one that
   * is repeated changes nothing.
   */
  synchronized void compress(CompressRequest request)
      throws InterruptedException, ExecutionException {
    moves.admit(request.getFence(), request.getAction());
    moves.requireEpoch(request.getEpoch());
    LinkCompressions next = Compressions.decode(request.getCompression()).checked(job);
    if (compression.changes(next)) {
      compressFromNow(next);
    }
    LOG.info("node {}, {}: {}", node.id(), request.getAction(), compression.inForce().describe());
  }

  private void compressFromNow(LinkCompressions next)
      throws InterruptedException, ExecutionException {
    Training now = begunTraining();
    thread.call(
        () -> {
          now.compress(next, seed);
          return true;
        });
    compression.set(next);
  }

  /** Puts what a recovery has committed in force; see {@link RecoveryCommands#restore}. */
  synchronized void restore(RestoreRequest request)
      throws InterruptedException, ExecutionException {
    LinkCompressions next = Compressions.decode(request.getCompression()).checked(job);
    recovery().restore(request, next);
    compression.set(next);
  }

  /** What the coordinator can have the node do when another has died. */
  RecoveryCommands recovery() {
    return recovery.orElseThrow(
        () -> new IllegalStateException("job " + job.id() + " declares no replication"));
  }

  /** Whether the node waits to be restored. */
  boolean halted() {
    return recovery.map(RecoveryCommands::halted).orElse(false);
  }

  /** Layer states that are kept here. */
  List<HeldStep> held() {
    return recovery.map(commands -> commands.replication().held(false)).orElse(List.of());
  }

  /** Layer states of earlier steps are needed no more. */
  void recoveryPoint(long step) {
    recovery.ifPresent(commands -> commands.replication().recoveryPoint(step));
  }

  /** Data owner only: see {@link StepDriver#hold}. */
  long hold(HoldRequest request) throws InterruptedException {
    moves.admit(request.getFence(), request.getAction());
    return driver().hold(request.getAction());
  }

  /** Data owner only: see {@link StepDriver#resume}. */
  long resume(ResumeRequest request) {
    moves.admit(request.getFence());
    moves.requireEpoch(request.getEpoch());
    return driver().resume(request.getAction());
  }

  /** Whether the process may be ended by this command. */
  void stop(StopRequest request) {
    moves.admit(request.getFence());
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

  @Override
  public void close() {
    moves.close();
    recovery.ifPresent(RecoveryCommands::close);
    Optional.ofNullable(training).ifPresent(Training::close);
  }
}
