package io.foresplit.contract;

import java.time.Instant;

/** What an operator wants, from the topic {@code commands}. */
public sealed interface OperatorCommand {
  JobId job();

  Instant at();

  /** Stop starting actions ({@code paused}), or start again. */
  record SetMode(JobId job, Instant at, Mode mode) implements OperatorCommand {}

  /** Whether recovery may act. */
  enum Mode {
    AUTOMATIC,
    OBSERVE
  }
}
