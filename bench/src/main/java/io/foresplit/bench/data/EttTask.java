package io.foresplit.bench.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Long-term forecasting of transformer temperature and load, hourly (Zhou et al., Informer, 2021):
 * the series standardised by mean and population deviation of the first 12 months of 30 days; the
 * targets are months 17 to 20, and what a forecast is made from may lie before them. The values are
 * not to be changed.
 *
 * @param channels standardised, one a column of the file, all of the same length
 * @param testFrom first row that is forecast
 * @param testTo row after the last one that is forecast
 */
public record EttTask(List<double[]> channels, int testFrom, int testTo) {
  /** Hours ahead. */
  public static final int HORIZON = 96;

  /** Hours a forecast is made from. */
  public static final int CONTEXT = 512;

  private static final int MONTH = 30 * 24;

  public EttTask {
    channels = List.copyOf(channels);
  }

  /**
   * Reads {@code ETTh1.csv}: a header with {@code date} first, then hourly rows.
   *
   * @throws DataFileException in one line, when the file is missing, too short or not numbers
   */
  public static EttTask read(Path file) throws DataFileException {
    CsvRows rows = CsvRows.read(file);
    int from = 16 * MONTH;
    int to = 20 * MONTH;
    if (rows.size() - 1 < to || rows.width() < 2) {
      throw new DataFileException(
          file, "expected a date, channels and " + to + " hours, had " + (rows.size() - 1));
    }
    List<double[]> channels = new ArrayList<>();
    for (int column = 1; column < rows.width(); column++) {
      double[] values = new double[to];
      for (int row = 0; row < to; row++) {
        values[row] = rows.present(row + 1, column);
      }
      channels.add(standardised(values, 12 * MONTH));
    }
    return new EttTask(channels, from, to);
  }

  /** Each channel, forecast from every hour of the test months whose horizon ends within them. */
  public List<ForecastSeries> series() {
    return IntStream.range(0, channels.size())
        .mapToObj(
            i ->
                new ForecastSeries(
                    "channel " + i, Arrays.copyOf(channels.get(i), testTo), testFrom, 1))
        .toList();
  }

  static double[] standardised(double[] values, int trained) {
    double mean = Arrays.stream(values, 0, trained).average().orElse(0);
    double variance =
        Arrays.stream(values, 0, trained).map(v -> (v - mean) * (v - mean)).average().orElse(0);
    double deviation = variance > 0 ? Math.sqrt(variance) : 1;
    return Arrays.stream(values).map(v -> (v - mean) / deviation).toArray();
  }
}
