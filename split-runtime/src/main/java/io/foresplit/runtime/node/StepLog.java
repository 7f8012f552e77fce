package io.foresplit.runtime.node;

import io.foresplit.runtime.proto.StepRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/** The last steps the data owner has driven, bounded. Thread-safe. */
final class StepLog {
  private static final int KEPT = 20_000;

  private final Deque<StepRecord> records = new ArrayDeque<>();

  synchronized void add(StepRecord entry) {
    records.addLast(entry);
    if (records.size() > KEPT) {
      records.removeFirst();
    }
  }

  /** Forgets steps from one on: they are done again. */
  synchronized void truncate(long step) {
    records.removeIf(entry -> entry.getStep() >= step);
  }

  /** Steps from one on, oldest first. */
  synchronized List<StepRecord> since(long step, int limit) {
    if (records.isEmpty()) {
      return List.of();
    }
    List<StepRecord> wanted = new ArrayList<>();
    for (var i = records.descendingIterator(); i.hasNext(); ) {
      StepRecord entry = i.next();
      if (entry.getStep() < step) {
        break;
      }
      wanted.add(entry);
    }
    Collections.reverse(wanted);
    return List.copyOf(wanted.subList(0, Math.min(limit, wanted.size())));
  }
}
