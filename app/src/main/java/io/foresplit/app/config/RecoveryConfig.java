package io.foresplit.app.config;

import io.foresplit.contract.OperatorCommand.Mode;

/**
 * Whether recovery may act.
 *
 * @param mode the mode a job starts in; a command on the topic {@code commands} changes it
 */
public record RecoveryConfig(Mode mode) {}
