package io.foresplit.bench.data;

/**
 * A series and the rows it is forecast from. The values are not to be changed.
 *
 * @param values one a row
 * @param firstOrigin first row that is forecast
 * @param every rows between two origins, positive
 */
@SuppressWarnings("ArrayRecordComponent") // read only
public record ForecastSeries(String name, double[] values, int firstOrigin, int every) {}
