/** The service on Kafka under load, beside a bare pass-through of Kafka Streams. */
@NullMarked
package io.foresplit.app.bench.pipeline;

import org.jspecify.annotations.NullMarked;
