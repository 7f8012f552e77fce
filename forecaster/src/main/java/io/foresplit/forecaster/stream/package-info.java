/** The thin Kafka Streams shell around {@link io.foresplit.forecaster.ForecastStage}. */
@NullMarked
package io.foresplit.forecaster.stream;

import org.jspecify.annotations.NullMarked;
