package io.foresplit.runtime.node;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A place for one thing: what is put replaces what nobody has taken yet. Thread-safe. */
final class Newest<T> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private @Nullable T content;

  void put(T next) {
    lock.lock();
    try {
      content = next;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is something. */
  T take() throws InterruptedException {
    lock.lock();
    try {
      T taken = content;
      while (taken == null) {
        filled.await();
        taken = content;
      }
      content = null;
      return taken;
    } finally {
      lock.unlock();
    }
  }
}
