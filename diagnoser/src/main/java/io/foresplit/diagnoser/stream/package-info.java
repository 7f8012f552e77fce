/** The thin Kafka Streams shell around {@link io.foresplit.diagnoser.DiagnosisStage}. */
@NullMarked
package io.foresplit.diagnoser.stream;

import org.jspecify.annotations.NullMarked;
