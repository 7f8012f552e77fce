package io.foresplit.bench.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.bench.data.RootCauseCase.Call;
import io.foresplit.bench.data.RootCauseCase.Series;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Faults injected into a microservice application (Hardt et al., The PetShop Dataset, 2024): for
 * each traffic scenario a call graph, metrics of a normal time, and some rows of metrics around
 * each fault. A case is the normal rows followed by those around its fault; they are of other days.
 * Abnormal is what begins at or after the time at which the target was seen to degrade. Stateless.
 */
public final class PetShop {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HEADER_ROWS = 3;
  private static final double STEP_SECONDS = 300;

  private PetShop() {}

  /** Columns by component, metric and statistic. */
  @SuppressWarnings("ArrayRecordComponent") // internal, read only
  private record Table(Map<List<String>, double[]> columns, double[] unixSeconds) {}

  /**
   * Reads all faults of a scenario, whatever split they are in.
   *
   * @param scenario such as {@code petshop/dataset/low_traffic}
   * @throws DataFileException in one line, when a file is missing or not as expected
   */
  public static List<RootCauseCase> read(Path scenario) throws DataFileException {
    List<Call> calls = graph(scenario.resolve("graph.csv"));
    Table normal = table(scenario.resolve("noissue").resolve("metrics.csv"));
    PathMatcher target = FileSystems.getDefault().getPathMatcher("glob:**/issue_*/target.json");
    List<Path> targets;
    try (Stream<Path> files = Files.walk(scenario)) {
      targets = files.filter(target::matches).sorted().toList();
    } catch (IOException e) {
      throw new DataFileException(scenario, "expected a readable folder, was " + e.getMessage());
    }
    if (targets.isEmpty()) {
      throw new DataFileException(scenario, "expected folders issue_N with a target.json");
    }
    List<RootCauseCase> cases = new ArrayList<>();
    for (Path file : targets) {
      cases.add(incident(file, normal, calls));
    }
    return cases;
  }

  private static RootCauseCase incident(Path file, Table normal, List<Call> calls)
      throws DataFileException {
    JsonNode json;
    try {
      json = JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new DataFileException(file, "expected JSON, was something else");
    }
    Table around = table(file.resolveSibling("metrics.csv"));
    double seen = json.path("target").path("timestamp").asDouble(Double.NaN);
    int clean = 0;
    while (clean < around.unixSeconds().length && around.unixSeconds()[clean] < seen) {
      clean++;
    }
    if (clean == 0 || clean == around.unixSeconds().length) {
      throw new DataFileException(
          file, "expected a target.timestamp within the metrics beside it, was " + seen);
    }
    int normalRows = normal.unixSeconds().length;
    double[] unknown = new double[normalRows];
    Arrays.fill(unknown, Double.NaN);
    List<Series> series = new ArrayList<>();
    around
        .columns()
        .forEach(
            (column, values) -> {
              double[] before = normal.columns().getOrDefault(column, unknown);
              double[] all = Arrays.copyOf(before, normalRows + values.length);
              System.arraycopy(values, 0, all, normalRows, values.length);
              series.add(new Series(column.get(0), column.get(1) + " " + column.get(2), all));
            });
    return new RootCauseCase(
        String.valueOf(file.resolveSibling("").getFileName()),
        text(file, json, "target", "metric"),
        series,
        normalRows + clean,
        STEP_SECONDS,
        text(file, json, "target", "node"),
        text(file, json, "target", "metric") + " " + text(file, json, "target", "agg"),
        text(file, json, "root_cause", "node"),
        calls);
  }

  private static String text(Path file, JsonNode json, String object, String field)
      throws DataFileException {
    JsonNode value = json.path(object).path(field);
    if (!value.isTextual()) {
      throw new DataFileException(file, "expected the text " + object + "." + field);
    }
    return value.asText();
  }

  /** A matrix with names on both sides; 1 where the row calls the column. */
  private static List<Call> graph(Path file) throws DataFileException {
    CsvRows rows = CsvRows.read(file);
    List<Call> calls = new ArrayList<>();
    for (int row = 1; row < rows.size(); row++) {
      for (int column = 1; column < rows.width(); column++) {
        if (rows.present(row, column) != 0) {
          calls.add(new Call(rows.text(row, 0), rows.text(0, column)));
        }
      }
    }
    return calls;
  }

  /** Three header rows, one with the name of the time column, then one row an interval. */
  private static Table table(Path file) throws DataFileException {
    CsvRows rows = CsvRows.read(file);
    int first = HEADER_ROWS + 1;
    if (rows.size() <= first || !rows.text(HEADER_ROWS, 0).equals("unix_timestamp")) {
      throw new DataFileException(
          file, "expected three header rows, unix_timestamp, and rows of metrics");
    }
    double[] times = new double[rows.size() - first];
    for (int row = 0; row < times.length; row++) {
      times[row] = rows.present(first + row, 0);
    }
    Map<List<String>, double[]> columns = new LinkedHashMap<>();
    for (int column = 1; column < rows.width(); column++) {
      double[] values = new double[times.length];
      for (int row = 0; row < times.length; row++) {
        values[row] = rows.number(first + row, column);
      }
      columns.put(
          List.of(rows.text(0, column), rows.text(1, column), rows.text(2, column)), values);
    }
    return new Table(columns, times);
  }
}
