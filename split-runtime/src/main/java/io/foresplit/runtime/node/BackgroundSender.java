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
 * Sends a few envelopes at a time and then leaves the link to others, so that it takes a bounded
 * share of it, or all of it without a rest; and can give up waiting for what a dead neighbour will
 * never acknowledge. {@link #send} is called by one thread, {@link #giveUp} by any.
 */
final class BackgroundSender implements StateTransfer.Sender {
  /** Most envelopes that are out at a time. */
  static final int BURST = 8;

  private final StateTransfer.Sender sender;
  private final LongSupplier nanoTime;
  private final Pacer pacer;
  private final double share;
  private long sent;
  private int inBurst;
  private long burstStart;

  private final Map<Long, CompletableFuture<Void>> out = new HashMap<>();
  private long outSince;
  private long busyNanos;

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
    if (share < 1 && inBurst == BURST) {
      rest();
    }
    if (inBurst == 0) {
      burstStart = nanoTime.getAsLong();
    }
    inBurst++;
    CompletableFuture<Void> done = new CompletableFuture<>();
    long number = sent++;
    synchronized (out) {
      if (out.isEmpty()) {
        outSince = nanoTime.getAsLong();
      }
      out.put(number, done);
    }
    CompletableFuture<Void> unused =
        sender
            .send(to, body)
            .whenComplete(
                (v, error) -> {
                  arrived(number);
                  if (error == null) {
                    done.complete(null);
                  } else {
                    done.completeExceptionally(error);
                  }
                });
    return done;
  }

  private void arrived(long number) {
    synchronized (out) {
      if (out.remove(number) != null && out.isEmpty()) {
        busyNanos += nanoTime.getAsLong() - outSince;
      }
    }
  }

  /**
   * Waits until the burst has arrived, and then for what is left of the others' share of the time;
   * time in which nothing was out is theirs already.
   */
  private void rest() {
    List<CompletableFuture<Void>> burst;
    synchronized (out) {
      burst = List.copyOf(out.values());
    }
    inBurst = 0;
    try {
      CompletableFuture.allOf(burst.toArray(new CompletableFuture<?>[0])).join();
      long busy;
      synchronized (out) {
        busy = busyNanos;
        busyNanos = 0;
      }
      pacer.until(burstStart + (long) (busy / share));
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
