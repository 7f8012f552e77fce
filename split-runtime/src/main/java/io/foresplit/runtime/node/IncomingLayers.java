package io.foresplit.runtime.node;

import com.google.protobuf.InvalidProtocolBufferException;
import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.proto.StateChunk.Part;
import io.foresplit.runtime.proto.TensorValue;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The target of one pre-copy: puts the snapshot of a run of layers together, then replays each
 * later step of the source on it, one after the other, between the steps of this node. A pre-copy
 * that fails here says why and takes nothing more; training does not notice. Thread-safe.
 */
final class IncomingLayers implements AutoCloseable {
  /** No source is so far ahead; a step beyond it is a lie. */
  static final int MAX_STEPS_AHEAD = 1 << 16;

  private static final Logger LOG = LoggerFactory.getLogger(IncomingLayers.class);

  private final String action;
  private final LayerRun run;
  private final Replays replays;
  private final long maxSnapshotBytes;
  private final long maxWaitingBytes;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Integer, ChunkAssembly> snapshot = new TreeMap<>();
  private final Map<Long, Step> steps = new HashMap<>();
  private List<LayerDigest> digests = List.of();
  private SegmentCompute.@Nullable Replica replica;
  private boolean busy;
  private long nextStep;
  private long snapshotBytes;
  private long waitingBytes;
  private long replayed;
  private double replaySeconds;
  private String failure = "";

  /** What a pre-copy uses of the node. */
  interface Replays {
    /** Does something on the compute thread, after what waits there. */
    void execute(Runnable work);

    /** Does something on the compute thread and waits for it. */
    <T> T call(Callable<T> work) throws InterruptedException, ExecutionException;

    /** On the compute thread. Throws when a state does not fit its layer. */
    SegmentCompute.Replica build(List<LayerState> states);

    /**
     * On the compute thread: repeats a step.
     *
     * @return seconds it took
     */
    double replay(SegmentCompute.Replica replica, LayerRun run, Tensor input, Tensor gradient)
        throws InterruptedException;
  }

  /** What has come of one step. */
  private static final class Step {
    private final ChunkAssembly input = new ChunkAssembly();
    private final ChunkAssembly gradient = new ChunkAssembly();

    ChunkAssembly of(Part part) {
      return part == Part.INPUT ? input : gradient;
    }

    boolean complete() {
      return input.complete() && gradient.complete();
    }

    long heldBytes() {
      return input.heldBytes() + gradient.heldBytes();
    }
  }

  /**
   * Nothing has come yet.
   *
   * @param maxSnapshotBytes most bytes of the snapshot
   * @param maxWaitingBytes most bytes of steps that wait to be replayed
   */
  IncomingLayers(
      String action, LayerRun run, Replays replays, long maxSnapshotBytes, long maxWaitingBytes) {
    this.action = action;
    this.run = run;
    this.replays = replays;
    this.maxSnapshotBytes = maxSnapshotBytes;
    this.maxWaitingBytes = maxWaitingBytes;
  }

  LayerRun run() {
    return run;
  }

  /** Takes a chunk of the snapshot or of a step. */
  void accept(StateChunk chunk) {
    lock.lock();
    try {
      if (!failure.isEmpty()) {
        return;
      }
      boolean state = chunk.getPart() == Part.SNAPSHOT;
      if (state ? replica != null : chunk.getStep() < nextStep) {
        return; // has come before
      }
      if (!run.has(chunk.getLayer())) {
        fail("a piece of layer " + chunk.getLayer() + " came, which is not one of them");
        return;
      }
      if (state ? !snapshot.isEmpty() && chunk.getStep() != nextStep : farAhead(chunk)) {
        fail("a piece of step " + chunk.getStep() + " came, expected are steps from " + nextStep);
        return;
      }
      ChunkAssembly assembly = assembly(chunk);
      int added = assembly.add(chunk);
      if (!assembly.damage().isEmpty()) {
        fail(assembly.damage());
        return;
      }
      snapshotBytes += state ? added : 0;
      waitingBytes += state ? 0 : added;
      if (snapshotBytes > maxSnapshotBytes) {
        fail("the snapshot has more than " + maxSnapshotBytes + " bytes");
      } else if (waitingBytes > maxWaitingBytes) {
        fail("more than " + maxWaitingBytes + " bytes of steps wait to be replayed");
      } else {
        advance();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean farAhead(StateChunk chunk) {
    return chunk.getStep() - nextStep > MAX_STEPS_AHEAD;
  }

  private ChunkAssembly assembly(StateChunk chunk) {
    if (chunk.getPart() == Part.SNAPSHOT) {
      nextStep = chunk.getStep();
      return snapshot.computeIfAbsent(chunk.getLayer(), l -> new ChunkAssembly());
    }
    return steps.computeIfAbsent(chunk.getStep(), s -> new Step()).of(chunk.getPart());
  }

  /** Has the next thing done, one at a time, so that steps of this node come between. */
  private void advance() {
    if (busy || !failure.isEmpty()) {
      return;
    }
    if (replica == null) {
      if (snapshot.size() == run.last() - run.first() + 1
          && snapshot.values().stream().allMatch(ChunkAssembly::complete)) {
        busy = true;
        replays.execute(this::install);
      }
      return;
    }
    Step next = steps.get(nextStep);
    if (next != null && next.complete()) {
      busy = true;
      SegmentCompute.Replica on = replica;
      replays.execute(() -> replay(on, next));
    }
  }

  /** On the compute thread. */
  private void install() {
    List<byte[]> encoded;
    lock.lock();
    try {
      encoded =
          snapshot.values().stream().map(ChunkAssembly::whole).flatMap(Optional::stream).toList();
    } finally {
      lock.unlock();
    }
    done(
        () -> {
          List<LayerState> states = new ArrayList<>();
          for (byte[] state : encoded) {
            states.add(LayerState.decode(state));
          }
          SegmentCompute.Replica built = replays.build(states);
          lock.lock();
          try {
            replica = built;
            snapshot.clear();
          } finally {
            lock.unlock();
          }
          return 0.0;
        },
        null);
  }

  /** On the compute thread. */
  private void replay(SegmentCompute.Replica on, Step step) {
    done(() -> replays.replay(on, run, tensor(step.input), tensor(step.gradient)), step);
  }

  private void done(Callable<Double> work, @Nullable Step step) {
    String problem = "";
    double seconds = 0;
    try {
      seconds = work.call();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      problem = "the node ends";
    } catch (Exception e) {
      problem = String.valueOf(e.getMessage());
    }
    lock.lock();
    try {
      busy = false;
      if (!problem.isEmpty()) {
        fail(problem);
      } else if (!failure.isEmpty()) {
        drop();
      } else if (step != null) {
        steps.remove(nextStep);
        nextStep++;
        waitingBytes -= step.heldBytes();
        replayed++;
        replaySeconds += seconds;
      }
      advance();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static Tensor tensor(ChunkAssembly assembly) throws InvalidProtocolBufferException {
    return TensorValues.decode(
        TensorValue.parseFrom(
            assembly
                .whole()
                .orElseThrow(() -> new IllegalStateException("a step is not complete"))));
  }

  CopyProgress progress() {
    lock.lock();
    try {
      return CopyProgress.newBuilder()
          .setNextStep(nextStep)
          .setInstalled(replica != null)
          .setReplaySeconds(replayed == 0 ? 0 : replaySeconds / replayed)
          .setFailure(failure)
          .build();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until all steps before one are replayed, and says what the layers are then.
   *
   * @throws IllegalStateException when that cannot be, or is not within the limit
   */
  List<LayerDigest> digests(long step, Duration limit)
      throws InterruptedException, ExecutionException {
    SegmentCompute.Replica at;
    long left = limit.toNanos();
    lock.lock();
    try {
      while (failure.isEmpty() && (replica == null || busy || nextStep < step) && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (!failure.isEmpty()) {
        throw new IllegalStateException(failure);
      }
      if (replica == null || busy || nextStep != step) {
        throw new IllegalStateException(
            "layers "
                + run
                + " are replayed to step "
                + nextStep
                + ", not to "
                + step
                + ", after "
                + limit.toMillis()
                + " ms");
      }
      at = replica;
    } finally {
      lock.unlock();
    }
    List<LayerState> states = replays.call(at::export);
    List<LayerDigest> found = states.stream().map(Checksums::replayed).toList();
    lock.lock();
    try {
      digests = found;
    } finally {
      lock.unlock();
    }
    return found;
  }

  /** What the layers were when last asked for; empty before that. */
  List<LayerDigest> digests() {
    lock.lock();
    try {
      return failure.isEmpty() ? digests : List.of();
    } finally {
      lock.unlock();
    }
  }

  /** Hands the layers over, as of the digests; nothing is replayed any more. */
  Optional<SegmentCompute.Replica> take() {
    lock.lock();
    try {
      if (digests.isEmpty() || !failure.isEmpty()) {
        return Optional.empty();
      }
      Optional<SegmentCompute.Replica> taken = Optional.ofNullable(replica);
      replica = null;
      failure = "the layers are part of the segment";
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void fail(String why) {
    LOG.warn("pre-copy of layers {} for action {} cannot go on: {}", run, action, why);
    failure = why;
    drop();
  }

  /** Frees what has come; not while the replica is at work. */
  private void drop() {
    snapshot.clear();
    steps.clear();
    digests = List.of();
    waitingBytes = 0;
    SegmentCompute.Replica unused = replica;
    if (!busy && unused != null) {
      replica = null;
      replays.execute(unused::close);
    }
    changed.signalAll();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (failure.isEmpty()) {
        failure = "it has ended";
      }
      drop();
    } finally {
      lock.unlock();
    }
  }
}
