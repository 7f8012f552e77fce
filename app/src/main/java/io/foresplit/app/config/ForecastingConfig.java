package io.foresplit.app.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the forecaster is told.
 *
 * @param model ONNX file of a forecasting model; empty for the one that is built in
 */
public record ForecastingConfig(Optional<Path> model) {}
