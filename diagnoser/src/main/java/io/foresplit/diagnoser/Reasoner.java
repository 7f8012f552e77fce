package io.foresplit.diagnoser;

import io.foresplit.contract.Diagnosis;
import java.util.Optional;

/** The port to whatever may explain a diagnosis better than statistics can. Thread-safe. */
public interface Reasoner extends AutoCloseable {
  /**
   * The next revision of a diagnosis, which {@link DiagnosisGuard} has accepted: the ranking and
   * the evidence are the same. Blocks for a bounded time. Empty when there is no usable answer, for
   * whatever reason; never throws.
   */
  Optional<Diagnosis> reason(Diagnosis statistical);

  @Override
  default void close() {}
}
