package io.foresplit.bench.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.bench.data.NabSeries.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Series, windows and cost profiles of the Numenta Anomaly Benchmark, in the folders of its
 * repository: {@code data}, {@code labels/combined_windows.json}, {@code config/profiles.json}.
 */
public record NabCorpus(List<NabSeries> series, List<NabProfile> profiles) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public NabCorpus {
    series = List.copyOf(series);
    profiles = List.copyOf(profiles);
  }

  /**
   * The series long enough, each by its own mean and deviation, forecast from a few spaced rows.
   * One that is constant has no error to compare, and is left out.
   *
   * @param context rows before the first origin
   * @param horizon rows after the last one
   * @param origins of each series, about
   */
  public List<ForecastSeries> forecasts(int context, int horizon, int origins) {
    return series.stream()
        .filter(s -> s.values().length >= context + horizon)
        .filter(s -> Arrays.stream(s.values()).distinct().count() > 1)
        .map(
            s -> {
              int every = Math.max(1, (s.values().length - context - horizon) / (origins - 1));
              double[] values = EttTask.standardised(s.values(), s.values().length);
              return new ForecastSeries(s.name(), values, context, every);
            })
        .toList();
  }

  /** Anomaly windows in all series together. */
  public int windows() {
    return series.stream().mapToInt(s -> s.windows().size()).sum();
  }

  /**
   * Reads all series that the windows name.
   *
   * @throws DataFileException in one line, when a file is missing or not as NAB's are
   */
  public static NabCorpus read(Path folder) throws DataFileException {
    Path windowsFile = folder.resolve("labels").resolve("combined_windows.json");
    List<NabSeries> series = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : object(windowsFile).properties()) {
      series.add(series(folder.resolve("data"), entry.getKey(), entry.getValue(), windowsFile));
    }
    Path profilesFile = folder.resolve("config").resolve("profiles.json");
    List<NabProfile> profiles = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : object(profilesFile).properties()) {
      JsonNode costs = entry.getValue().path("CostMatrix");
      profiles.add(
          new NabProfile(
              entry.getKey(),
              weight(profilesFile, entry.getKey(), costs, "tpWeight"),
              weight(profilesFile, entry.getKey(), costs, "fnWeight"),
              weight(profilesFile, entry.getKey(), costs, "fpWeight")));
    }
    return new NabCorpus(series, profiles);
  }

  private static JsonNode object(Path file) throws DataFileException {
    CsvRows.requireFile(file);
    JsonNode node;
    try {
      node = JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new DataFileException(file, "expected JSON, was something else");
    }
    if (!node.isObject() || node.isEmpty()) {
      throw new DataFileException(file, "expected a JSON object that is not empty");
    }
    return node;
  }

  private static double weight(Path file, String profile, JsonNode costs, String name)
      throws DataFileException {
    if (!costs.path(name).isNumber()) {
      throw new DataFileException(file, "expected the number " + name + " in profile " + profile);
    }
    return costs.path(name).asDouble();
  }

  private static NabSeries series(Path data, String name, JsonNode bounds, Path windowsFile)
      throws DataFileException {
    Path file = data.resolve(name);
    CsvRows rows = CsvRows.read(file);
    if (rows.width() != 2 || rows.size() < 2) {
      throw new DataFileException(file, "expected rows of timestamp,value under a header");
    }
    double[] values = new double[rows.size() - 1];
    Map<LocalDateTime, Integer> firstRow = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      values[i] = rows.present(i + 1, 1);
      firstRow.putIfAbsent(rows.time(i + 1, 0), i);
    }
    List<Window> windows = new ArrayList<>();
    for (JsonNode pair : bounds) {
      windows.add(
          new Window(
              row(firstRow, pair.path(0), name, windowsFile),
              row(firstRow, pair.path(1), name, windowsFile)));
    }
    try {
      return new NabSeries(name, values, windows);
    } catch (IllegalArgumentException e) {
      throw new DataFileException(windowsFile, String.valueOf(e.getMessage()));
    }
  }

  private static int row(
      Map<LocalDateTime, Integer> firstRow, JsonNode time, String name, Path windowsFile)
      throws DataFileException {
    Integer row;
    try {
      row = firstRow.get(CsvRows.localTime(time.asText()));
    } catch (DateTimeParseException e) {
      row = null;
    }
    if (row == null) {
      throw new DataFileException(
          windowsFile, "expected a time of a row of " + name + ", was '" + time.asText() + "'");
    }
    return row;
  }
}
