package io.foresplit.bench.peer;

import io.foresplit.bench.data.RootCauseCase;
import java.util.Map;

/** A method that ranks the components of a system by how likely one is at fault. Stateless. */
public interface RootCauseRanker {
  /** For tables and files. */
  String label();

  /**
   * A score for each component that the method ranks, higher when likelier; none at all when it
   * abstains. It must not look at {@link RootCauseCase#rootCause}.
   */
  Map<String, Double> scores(RootCauseCase incident);
}
