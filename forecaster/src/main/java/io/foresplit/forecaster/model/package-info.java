/**
 * Forecasting models from files: {@link io.foresplit.forecaster.model.OnnxForecaster} serves the
 * port with an {@link io.foresplit.forecaster.model.OnnxModel}. ONNX Runtime is confined to here.
 */
@NullMarked
package io.foresplit.forecaster.model;

import org.jspecify.annotations.NullMarked;
