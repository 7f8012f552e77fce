package io.foresplit.runtime.node;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Envelope;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;

/**
 * Sends a few envelopes at a time and then leaves the link as long to others, so that it takes a
 * bounded share of it; and can give up waiting for what a dead neighbour will never acknowledge.
 * {@link #send} is called by one thread, {@link #giveUp} by any.
 */
final class BackgroundSender implements StateTransfer.Sender {
  /** Most envelopes that are out at a time. */
  static final int BURST = 8;

  private final StateTransfer.Sender sender;
  private final LongSupplier nanoTime;
  private final Pacer pacer;
  private final double share;
  private final Map<Long, CompletableFuture<Void>> out = new HashMap<>();
  private long sent;
  private int inBurst;
  private long burstStart;

  /**
   * A sender.
   *
   * @param share of the time, in (0, 1]
   */
  BackgroundSender(StateTransfer.Sender sender, LongSupplier nanoTime, Pacer pacer, double share) {
    this.sender = sender;
    this.nanoTime = nanoTime;
    this.pacer = pacer;
    this.share = share;
  }

  @Override
  public CompletableFuture<Void> send(NodeId to, Envelope.Builder body) {
    if (inBurst == BURST) {
      rest();
    }
    if (inBurst == 0) {
      burstStart = nanoTime.getAsLong();
    }
    inBurst++;
    CompletableFuture<Void> done = new CompletableFuture<>();
    long number = sent++;
    synchronized (out) {
      out.put(number, done);
    }
    CompletableFuture<Void> unused =
        sender
            .send(to, body)
            .whenComplete(
                (v, error) -> {
                  synchronized (out) {
                    out.remove(number);
                  }
                  if (error == null) {
                    done.complete(null);
                  } else {
                    done.completeExceptionally(error);
                  }
                });
    return done;
  }

  /** Waits until the burst has arrived, and then for the others' share of the time. */
  private void rest() {
    List<CompletableFuture<Void>> burst;
    synchronized (out) {
      burst = List.copyOf(out.values());
    }
    inBurst = 0;
    try {
      CompletableFuture.allOf(burst.toArray(new CompletableFuture<?>[0])).join();
      long now = nanoTime.getAsLong();
      pacer.until(now + (long) ((now - burstStart) * (1 / share - 1)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    }
  }

  /** What is out is waited for no more. */
  void giveUp() {
    List<CompletableFuture<Void>> lost;
    synchronized (out) {
      lost = List.copyOf(out.values());
      out.clear();
    }
    IOException why = new IOException("the nodes in use have changed");
    lost.forEach(done -> done.completeExceptionally(why));
  }
}
