package io.foresplit.app.offline;

import io.foresplit.app.offline.SampleFile.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads metrics of components in one of three forms, told apart by the first lines: a sample a row
 * ({@code timestamp,component,metric,value}); a time a row, with a column for each metric of each
 * component ({@code time,carts_cpu,front-end_latency-90}); or the same with a line of components, a
 * line of metrics and maybe one of statistics above a line that begins with the name of the time.
 */
final class MetricsFile implements CsvRows.Sink {
  private static final Set<String> TIMES =
      Set.of("time", "timestamp", "unix_timestamp", "unix_time", "epoch", "ts", "date", "datetime");

  /** Names of which a table with a sample a row has some. */
  private static final Set<String> LONG = Set.of("component", "metric", "value");

  private static final int MOST_HEADER_ROWS = 3;

  private final CsvRows file;
  private final ColumnNames names;
  private final SampleFile.Sink sink;
  private final List<List<String>> header = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private SampleFile.@Nullable Rows samples;
  private List<List<String>> keys = List.of(); // by column; empty where it is left out
  private int timeColumn = -1;
  private int rows;
  private boolean anyValue;

  private MetricsFile(Path file, ColumnNames names, SampleFile.Sink sink) {
    this.file = new CsvRows(file);
    this.names = names;
    this.sink = sink;
  }

  /**
   * Hands on every sample in the order of the file, its key being component and metric.
   *
   * @return what is odd about the columns, a line each
   */
  static List<String> read(Path file, ColumnNames names, SampleFile.Sink sink)
      throws InputException, IOException {
    MetricsFile metrics = new MetricsFile(file, names, sink);
    metrics.file.read(metrics);
    metrics.end();
    return metrics.problems;
  }

  @Override
  public void accept(List<String> cells, int line) throws InputException, IOException {
    SampleFile.Rows known = samples;
    if (known != null) {
      known.accept(cells, line);
    } else if (timeColumn >= 0) {
      row(cells, line);
    } else {
      header(cells, line);
    }
  }

  private void header(List<String> cells, int line) throws InputException, IOException {
    List<String> lower = CsvRows.names(cells);
    if (header.isEmpty() && lower.stream().anyMatch(LONG::contains)) {
      SampleFile.Rows known = SampleFile.ofMetrics(file).rows(sink);
      samples = known;
      known.accept(cells, line);
      return;
    }
    if (header.isEmpty()) {
      timeColumn = timeColumn(lower);
    } else if (TIMES.contains(lower.get(0))) {
      timeColumn = 0;
    }
    if (timeColumn < 0) {
      header.add(List.copyOf(cells));
      if (header.size() > MOST_HEADER_ROWS) {
        throw unknown();
      }
    } else if (header.isEmpty()) {
      keys = names.split(cells, timeColumn, file.file());
    } else {
      keys = stacked();
    }
    if (timeColumn >= 0) {
      long left = keys.stream().filter(List::isEmpty).count() - 1;
      if (left > 0) {
        problems.add(left + (left == 1 ? " column" : " columns") + " without a name left out");
      }
    }
  }

  private static int timeColumn(List<String> lower) {
    for (int i = 0; i < lower.size(); i++) {
      if (TIMES.contains(lower.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private List<List<String>> stacked() throws InputException {
    if (header.size() < 2) {
      throw unknown();
    }
    List<List<String>> stacked = new ArrayList<>();
    stacked.add(List.of());
    Set<List<String>> seen = new HashSet<>();
    for (int column = 1; column < header.get(0).size(); column++) {
      List<String> parts = new ArrayList<>();
      for (List<String> row : header) {
        parts.add(column < row.size() ? row.get(column).strip() : "");
      }
      String metric = String.join(" ", parts.subList(1, parts.size())).strip();
      List<String> key = List.of(parts.get(0), metric);
      if (key.contains("")) {
        stacked.add(List.of());
      } else if (seen.add(key)) {
        stacked.add(key);
      } else {
        throw new InputException(
            file.file() + ": expected one column " + key.get(0) + " " + metric + ", there are 2");
      }
    }
    return stacked;
  }

  private void row(List<String> cells, int line) throws InputException, IOException {
    if (cells.size() != keys.size()) {
      throw new InputException(
          file.at(line) + "expected " + keys.size() + " columns, was " + cells.size());
    }
    rows++;
    String time = cells.get(timeColumn);
    double seconds = file.seconds(time, line);
    for (int i = 0; i < cells.size(); i++) {
      List<String> key = keys.get(i);
      if (!key.isEmpty()) {
        String where = "column " + InputException.shown(String.join(" ", key)) + ": ";
        double value = file.value(cells.get(i), line, where);
        anyValue |= !Double.isNaN(value);
        sink.accept(new Sample(line, key, time, seconds, cells.get(i), value));
      }
    }
  }

  private void end() throws InputException {
    SampleFile.Rows known = samples;
    if (known != null) {
      known.end();
    } else if (timeColumn < 0) {
      throw unknown();
    } else if (rows == 0) {
      throw new InputException(file.file() + ": expected rows below the header, there are none");
    } else if (!anyValue) {
      throw new InputException(
          file.file() + ": expected numbers, none of " + rows + " rows has one in a named column");
    }
  }

  private InputException unknown() {
    return new InputException(
        file.file()
            + ", line 1: expected the columns timestamp,component,metric,value, or a column time"
            + " beside columns such as carts_cpu, was "
            + InputException.shown(String.join(",", header.get(0))));
  }
}
