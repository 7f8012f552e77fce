package io.foresplit.forecaster;

/**
 * A forecast and who made it: one that cannot serve a series may have left it to another.
 *
 * @param forecaster name and version, as {@link Forecaster#name()}
 */
public record Served(Quantiles quantiles, String forecaster) {}
