package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.SeriesKey;
import java.util.List;
import java.util.Optional;

/**
 * A cause that may be, and what speaks for it.
 *
 * @param score in [0, 1]: how far it stands out
 * @param series that bear on it, most telling first
 * @param whatIf what healing it would gain; empty for causes that the step time does not tell
 */
record Candidate(
    ComponentId component,
    Cause cause,
    double score,
    List<SeriesKey> series,
    Optional<WhatIf> whatIf) {
  Candidate {
    series = List.copyOf(series);
  }

  /**
   * A step as the planner predicts it.
   *
   * @param forecast whether under the forecast conditions, else under the measured ones
   * @param seconds of a step under these conditions
   * @param healedSeconds of a step if this cause alone were healed
   */
  record WhatIf(boolean forecast, double seconds, double healedSeconds) {
    double gainSeconds() {
      return Math.max(0, seconds - healedSeconds);
    }
  }
}
