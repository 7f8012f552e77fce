package io.foresplit.diagnoser;

import io.foresplit.contract.Diagnosis;
import java.util.Optional;

/** The port to whatever may word an explanation better than statistics can. Thread-safe. */
public interface Reasoner extends AutoCloseable {
  /**
   * Blocks for a bounded time. Empty when there is no usable answer, for whatever reason; never
   * throws.
   */
  Optional<ReasonedDiagnosis> reason(Diagnosis statistical);

  @Override
  default void close() {}
}
