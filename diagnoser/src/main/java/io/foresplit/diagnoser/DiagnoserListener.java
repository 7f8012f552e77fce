package io.foresplit.diagnoser;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.JobId;
import java.util.Set;

/**
 * Hears what the diagnoser does, for metrics and tests. Called on its threads: implementations are
 * thread-safe and quick.
 */
public interface DiagnoserListener {
  DiagnoserListener NONE = new DiagnoserListener() {};

  /** A record that could not be read was skipped. */
  default void undecodable(String reason) {}

  /** Stored state of a job could not be read; the job begins anew. */
  default void stateDiscarded(JobId job, String reason) {}

  /** A diagnosis was made, by statistics alone or with an accepted explanation of a reasoner. */
  default void diagnosed(Diagnosis diagnosis) {}

  /** A reasoner is asked about a diagnosis; one of the next two follows. */
  default void reasonerAsked(Diagnosis diagnosis) {}

  /**
   * A reasoner's answer was accepted.
   *
   * @param dropped steps of it that were left out
   */
  default void reasonerAccepted(Diagnosis revised, int dropped) {}

  /** A reasoner's last answer was dropped or did not come; the statistical diagnosis stands. */
  default void reasonerRefused(Diagnosis diagnosis, Set<Refusal> reasons) {}
}
