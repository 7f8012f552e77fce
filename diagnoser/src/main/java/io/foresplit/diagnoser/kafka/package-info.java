/** Asks a reasoner about diagnoses beside the stream, so that no diagnosis waits for one. */
@NullMarked
package io.foresplit.diagnoser.kafka;

import org.jspecify.annotations.NullMarked;
