package io.foresplit.runtime.link;

import io.foresplit.contract.jobfile.LinkDisturbance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads {@link RecordedTrace#fromCsv}. */
final class CsvTrace {
  private static final int LEAST_CELLS = 2;
  private static final double MAX_SECONDS = 3600;

  private final TraceLines trace;
  private final Map<Column, List<Double>> values = new EnumMap<>(Column.class);
  private List<Column> columns = List.of();

  /** What a cell can say. Without a heading the columns are in this order. */
  private enum Column {
    SECONDS,
    BYTES_PER_SECOND,
    DELAY_SECONDS,
    JITTER_SECONDS,
    LOSS;

    String written() {
      return name().toLowerCase(Locale.ROOT);
    }

    static List<String> all() {
      return Arrays.stream(values()).map(Column::written).toList();
    }
  }

  private CsvTrace(TraceLines trace) {
    this.trace = trace;
  }

  static RecordedTrace read(Path file) throws IOException {
    CsvTrace csv = new CsvTrace(TraceLines.read(file));
    List<TraceLines.Line> lines = csv.trace.lines();
    boolean headed = !lines.isEmpty() && csv.heading(lines.get(0));
    lines.subList(headed ? 1 : 0, lines.size()).forEach(csv::row);
    return csv.recorded();
  }

  /** Whether a line is a heading; then it names the columns. */
  private boolean heading(TraceLines.Line line) {
    if (line.text().chars().noneMatch(CsvTrace::isHeadingLetter)) {
      return false;
    }
    List<String> names =
        Arrays.stream(line.text().split(",", -1))
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .toList();
    if (Column.all().containsAll(names)
        && names.stream().distinct().count() == names.size()
        && names.containsAll(Column.all().subList(0, LEAST_CELLS))) {
      columns = names.stream().map(name -> Column.valueOf(name.toUpperCase(Locale.ROOT))).toList();
    } else if (names.size() != LEAST_CELLS) {
      throw trace.malformed(
          line,
          "expected a heading of 'seconds,bytes_per_second' and any of "
              + Column.all().subList(LEAST_CELLS, Column.values().length)
              + ", was "
              + TraceLines.quoted(line.text()));
    }
    return true;
  }

  private void row(TraceLines.Line line) {
    String[] cells = line.text().split(",", -1);
    if (columns.isEmpty()) {
      int known = Math.min(cells.length, Column.values().length);
      columns = List.of(Column.values()).subList(0, Math.max(LEAST_CELLS, known));
    }
    if (cells.length != columns.size()) {
      throw trace.malformed(
          line,
          "expected '"
              + String.join(",", columns.stream().map(Column::written).toList())
              + "', was "
              + TraceLines.quoted(line.text()));
    }
    for (int i = 0; i < cells.length; i++) {
      Column column = columns.get(i);
      double value = trace.number(line, cells[i]);
      check(line, column, value);
      values.computeIfAbsent(column, c -> new ArrayList<>()).add(value);
    }
  }

  private void check(TraceLines.Line line, Column column, double value) {
    switch (column) {
      case SECONDS -> {
        List<Double> before = values.getOrDefault(Column.SECONDS, List.of());
        if (!before.isEmpty() && value <= before.get(before.size() - 1)) {
          throw trace.malformed(
              line, "seconds must rise, was " + value + " after " + before.get(before.size() - 1));
        }
      }
      case BYTES_PER_SECOND -> {
        if (value <= 0) {
          throw trace.malformed(line, "bytes per second must be positive, was " + value);
        }
      }
      case DELAY_SECONDS, JITTER_SECONDS -> range(line, column, value, MAX_SECONDS);
      case LOSS -> range(line, column, value, LinkDisturbance.MAX_LOSS);
    }
  }

  private void range(TraceLines.Line line, Column column, double value, double most) {
    if (value < 0 || value > most) {
      throw trace.malformed(line, column.written() + " must be in [0, " + most + "], was " + value);
    }
  }

  private RecordedTrace recorded() {
    double[] seconds = column(Column.SECONDS);
    int n = seconds.length;
    if (n == 0) {
      throw trace.malformed(1, "expected at least one line 'seconds,bytes_per_second'");
    }
    double last = n == 1 ? 1 : seconds[n - 1] - seconds[n - 2];
    return new RecordedTrace(
        Arrays.stream(seconds).map(s -> s - seconds[0]).toArray(),
        column(Column.BYTES_PER_SECOND),
        column(Column.DELAY_SECONDS),
        column(Column.JITTER_SECONDS),
        column(Column.LOSS),
        seconds[n - 1] - seconds[0] + last);
  }

  /** The values of a column; none when the file has no such column. */
  private double[] column(Column column) {
    return values.getOrDefault(column, List.of()).stream().mapToDouble(v -> v).toArray();
  }

  /** Letters of a heading; e and E also occur in numbers, and so do not count. */
  private static boolean isHeadingLetter(int c) {
    return Character.isLetter(c) && c != 'e' && c != 'E';
  }
}
