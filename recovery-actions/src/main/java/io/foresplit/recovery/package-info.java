/**
 * A cause becomes a safe, journaled, reversible action. All classes here are pure: time is the end
 * of the last interval tick, state is the fold of the journal. The shell is in {@link
 * io.foresplit.recovery.kafka}.
 */
@NullMarked
package io.foresplit.recovery;

import org.jspecify.annotations.NullMarked;
