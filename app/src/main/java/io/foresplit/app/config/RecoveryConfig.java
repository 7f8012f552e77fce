package io.foresplit.app.config;

import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.runtime.security.SecurityFiles;
import java.util.Optional;

/**
 * Whether and where recovery may act.
 *
 * @param mode {@code observe} plans and does nothing
 * @param coordinator {@code host:port} of the training coordinator; empty only to observe
 * @param security how the coordinator is reached; the certificate, if any, is for {@code
 *     controller}
 */
public record RecoveryConfig(Mode mode, Optional<String> coordinator, SecurityFiles security) {}
