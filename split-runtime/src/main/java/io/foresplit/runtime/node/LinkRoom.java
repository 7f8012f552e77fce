package io.foresplit.runtime.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * How much a link holds that its far end has not acknowledged, so that a node that relays asks for
 * no more than the link takes. Thread-safe.
 */
final class LinkRoom {
  /** So much is held before more is no longer asked for. */
  private static final long BYTES = 8 << 20;

  private final List<CompletableFuture<Void>> awaiting = new ArrayList<>();
  private long held;
  private boolean broken;
  private boolean closed;

  /** Something is held from now on. */
  synchronized void take(int bytes) {
    held += bytes;
  }

  /** It is not any more. */
  void give(int bytes) {
    release(() -> held -= bytes);
  }

  /** Nobody is at the far end, or somebody is again. */
  void broken(boolean now) {
    release(() -> broken = now);
  }

  /** Nothing is to wait any more. */
  void close() {
    release(() -> closed = true);
  }

  /** Done when the link can take more, and at once while nobody is at its far end. */
  synchronized CompletableFuture<Void> free() {
    CompletableFuture<Void> room = new CompletableFuture<>();
    if (mustWait()) {
      awaiting.add(room);
    } else {
      room.complete(null);
    }
    return room;
  }

  /** Whether it is full and nobody is at its far end. */
  synchronized boolean isClogged() {
    return broken && held >= BYTES;
  }

  private boolean mustWait() {
    return held >= BYTES && !broken && !closed;
  }

  private void release(Runnable change) {
    List<CompletableFuture<Void>> released;
    synchronized (this) {
      change.run();
      if (mustWait()) {
        return;
      }
      released = List.copyOf(awaiting);
      awaiting.clear();
    }
    released.forEach(room -> room.complete(null));
  }
}
