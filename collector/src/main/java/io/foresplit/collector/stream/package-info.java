/** The Kafka Streams shell around {@link io.foresplit.collector.JobCollector}. */
@NullMarked
package io.foresplit.collector.stream;

import org.jspecify.annotations.NullMarked;
