package io.foresplit.diagnoser.library;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What is known about trouble from before, to be looked up. Thread-safe. */
public interface Library {
  /** What a passage is from. */
  enum Shelf {
    RUNBOOKS,
    INCIDENTS
  }

  /**
   * The passages nearest to a query in meaning. Those about a cause that the query names, such as
   * {@code uplink-fade}, come first: of its runbooks, then of its incidents. The same library gives
   * the same answer in the same order.
   *
   * @param query plain words; only the first 2,000 characters count
   * @param most 1 or more
   * @return best first; empty for a blank query
   */
  List<Passage> search(Set<Shelf> shelves, String query, int most);

  /** Likewise, on all shelves. */
  default List<Passage> search(String query, int most) {
    return search(EnumSet.allOf(Shelf.class), query, most);
  }
}
