package io.foresplit.bench.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Forecasting what nodes report: the files that {@code evaluate --record-telemetry} writes, one row
 * an interval of each series, in the order of intervals, empty where there was no value. Of them
 * what the service forecasts: conditions and objectives.
 */
public final class TelemetryTask {
  /** Intervals ahead. */
  public static final int HORIZON = 64;

  /** Intervals a forecast is made from. */
  public static final int CONTEXT = 256;

  private static final List<String> HEADER = List.of("series", "interval", "value");
  private static final List<String> METRICS =
      List.of("/link-rate", "/link-delay-seconds", "/slowdown", "/loss", "/step-seconds");

  /** Of the values before the first origin, and of all. */
  private static final double LEAST_PRESENT = 0.75;

  private TelemetryTask() {}

  /**
   * Series drawn evenly from the files of a folder, with their origins.
   *
   * @param most series
   * @param origins of each series, about
   * @throws DataFileException in one line, when a file is not as expected or none has such series
   */
  public static List<ForecastSeries> read(Path folder, int most, int origins)
      throws DataFileException {
    List<ForecastSeries> all = new ArrayList<>();
    for (Path file : files(folder)) {
      for (Map.Entry<String, List<Double>> series : rows(file).entrySet()) {
        double[] values = series.getValue().stream().mapToDouble(Double::doubleValue).toArray();
        if (isWhole(values)) {
          int every = Math.max(1, (values.length - CONTEXT - HORIZON) / (origins - 1));
          all.add(new ForecastSeries(series.getKey(), values, CONTEXT, every));
        }
      }
    }
    if (all.isEmpty()) {
      throw new DataFileException(
          folder, "expected series of " + (CONTEXT + HORIZON) + " intervals, there are none");
    }
    int count = Math.min(most, all.size());
    return IntStream.range(0, count)
        .mapToObj(i -> all.get((int) ((long) i * all.size() / count)))
        .toList();
  }

  private static List<Path> files(Path folder) throws DataFileException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".csv")).sorted().toList();
    } catch (IOException e) {
      throw new DataFileException(folder, "expected a folder that can be read");
    }
  }

  private static Map<String, List<Double>> rows(Path file) throws DataFileException {
    CsvRows rows = CsvRows.read(file);
    if (!IntStream.range(0, rows.width()).mapToObj(i -> rows.text(0, i)).toList().equals(HEADER)) {
      throw new DataFileException(file, "expected the header " + String.join(",", HEADER));
    }
    Map<String, List<Double>> series = new LinkedHashMap<>();
    for (int row = 1; row < rows.size(); row++) {
      String name = rows.text(row, 0);
      if (METRICS.stream().anyMatch(name::endsWith)) {
        series.computeIfAbsent(name, key -> new ArrayList<>()).add(rows.number(row, 2));
      }
    }
    return series;
  }

  private static boolean isWhole(double[] values) {
    return values.length >= CONTEXT + HORIZON
        && present(values, CONTEXT) >= LEAST_PRESENT * CONTEXT
        && present(values, values.length) >= LEAST_PRESENT * values.length
        && Arrays.stream(values).filter(v -> !Double.isNaN(v)).distinct().count() > 1;
  }

  private static long present(double[] values, int first) {
    return Arrays.stream(values, 0, first).filter(v -> !Double.isNaN(v)).count();
  }
}
