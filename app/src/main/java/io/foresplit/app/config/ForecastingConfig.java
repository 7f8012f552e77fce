package io.foresplit.app.config;

import java.util.Optional;

/**
 * What the forecaster is told.
 *
 * @param model path of an ONNX file of a forecasting model, or {@code none} for baselines alone;
 *     empty for the model that is built in
 */
public record ForecastingConfig(Optional<String> model) {}
