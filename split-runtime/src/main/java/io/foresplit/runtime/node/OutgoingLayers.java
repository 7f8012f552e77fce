package io.foresplit.runtime.node;

import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.proto.StateChunk.Part;
import io.foresplit.runtime.proto.TensorValue;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source of one pre-copy: sends a snapshot of a run of layers, then what goes into them and
 * comes back to them in each later step, in order, on a thread of its own. What waits to be sent is
 * bounded; past the bound the pre-copy fails, and training does not notice. Thread-safe.
 */
final class OutgoingLayers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutgoingLayers.class);

  private final String action;
  private final LayerRun run;
  private final StateTransfer transfer;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final LongSupplier maxWaitingBytes;
  private final long snapshotBytes;
  private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
  private final AtomicLong recordedBytes = new AtomicLong();
  private final Thread thread;
  private volatile long nextStep;
  private volatile String failure = "";

  /**
   * Begins to send.
   *
   * @param firstStep first step the snapshot has not done
   * @param maxWaitingBytes most bytes that wait, the snapshot not counted
   */
  OutgoingLayers(
      String action,
      LayerRun run,
      long firstStep,
      List<LayerState> snapshot,
      StateTransfer transfer,
      LongSupplier nanoTime,
      LongSupplier maxWaitingBytes) {
    this.action = action;
    this.run = run;
    this.transfer = transfer;
    this.nanoTime = nanoTime;
    this.maxWaitingBytes = maxWaitingBytes;
    startNanos = nanoTime.getAsLong();
    nextStep = firstStep;
    long bytes = 0;
    for (LayerState state : snapshot) {
      bytes += state.encodedBytes();
      queue.add(new Item(Part.SNAPSHOT, state.layer(), firstStep, state::encode));
    }
    snapshotBytes = bytes;
    thread = new Thread(this::send, "copy-layers-" + run);
    thread.setDaemon(true);
    thread.start();
  }

  private record Item(Part part, int layer, long step, Supplier<byte[]> bytes) {}

  LayerRun run() {
    return run;
  }

  long snapshotBytes() {
    return snapshotBytes;
  }

  /** What went into the first layer in a step. */
  void input(long step, Tensor input) {
    add(Part.INPUT, step, input);
  }

  /** What came back to the last layer in a step, which is done with it. */
  void gradient(long step, Tensor gradient) {
    add(Part.GRADIENT, step, gradient);
    nextStep = step + 1;
  }

  private void add(Part part, long step, Tensor tensor) {
    if (!failure.isEmpty()) {
      return;
    }
    TensorValue value = TensorValues.encode(tensor);
    long recorded = recordedBytes.addAndGet(value.getSerializedSize());
    long bound = maxWaitingBytes.getAsLong();
    if (recorded - Math.max(0, transfer.sentBytes() - snapshotBytes) > bound) {
      fail("more than " + bound + " bytes of steps wait to be sent");
      return;
    }
    queue.add(new Item(part, run.first(), step, value::toByteArray));
  }

  private void send() {
    try {
      while (failure.isEmpty()) {
        Item next = queue.poll();
        if (next == null) {
          transfer.flush();
          next = queue.take();
        }
        transfer.send(
            StateChunk.newBuilder()
                .setAction(action)
                .setLayer(next.layer())
                .setPart(next.part())
                .setStep(next.step())
                .setRun(LiveCopies.message(run)),
            next.bytes().get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      fail(String.valueOf(cause.getMessage()));
    }
  }

  private void fail(String why) {
    LOG.warn("pre-copy of layers {} for action {} cannot go on: {}", run, action, why);
    failure = why;
    queue.clear();
  }

  long sentBytes() {
    return transfer.sentBytes();
  }

  CopyProgress progress() {
    return CopyProgress.newBuilder()
        .setNextStep(nextStep)
        .setInstalled(true)
        .setSeconds((nanoTime.getAsLong() - startNanos) / 1e9)
        .setSnapshotBytes(snapshotBytes)
        .setRecordedBytes(recordedBytes.get())
        .setSentBytes(transfer.sentBytes())
        .setFailure(failure)
        .build();
  }

  @Override
  public void close() {
    failure = "it has ended";
    queue.clear();
    thread.interrupt();
  }
}
