/** The Kafka shell of {@link io.foresplit.recovery.RecoveryStage}: consumes, journals, acts. */
@NullMarked
package io.foresplit.recovery.kafka;

import org.jspecify.annotations.NullMarked;
