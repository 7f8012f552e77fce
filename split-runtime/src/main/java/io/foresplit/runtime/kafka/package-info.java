/** What the runtime writes to Kafka. Nothing here ever blocks training. */
@NullMarked
package io.foresplit.runtime.kafka;

import org.jspecify.annotations.NullMarked;
