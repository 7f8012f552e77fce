package io.foresplit.app.offline;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of samples: comma-separated, the first line names the columns, in any order and
 * case. There is always a {@code timestamp} and a {@code value}; other columns than those asked for
 * are left out. One row at a time is held.
 */
final class SampleFile {
  static final String TIMESTAMP = "timestamp";
  static final String VALUE = "value";

  private final CsvRows file;
  private final List<String> keys;
  private final boolean keysRequired;

  private SampleFile(CsvRows file, List<String> keys, boolean keysRequired) {
    this.file = file;
    this.keys = List.copyOf(keys);
    this.keysRequired = keysRequired;
  }

  /** A file of one series, or of several with a column {@code series}. */
  static SampleFile ofSeries(Path file) {
    return new SampleFile(new CsvRows(file), List.of("series"), false);
  }

  /** A file of metrics of components. */
  static SampleFile ofMetrics(CsvRows file) {
    return new SampleFile(file, List.of("component", "metric"), true);
  }

  /**
   * One row, or one cell of it.
   *
   * @param line of the file, from 1
   * @param key what names the series of the row; empty when the file has but one
   * @param time as written
   * @param seconds the time, in seconds of the epoch
   * @param text the value as written
   * @param value NaN when there is none
   */
  record Sample(
      int line, List<String> key, String time, double seconds, String text, double value) {}

  /** Takes the rows, one after the other. */
  interface Sink {
    void accept(Sample sample) throws InputException, IOException;
  }

  /** Hands on every row in the order of the file. */
  void read(Sink sink) throws InputException, IOException {
    Rows rows = rows(sink);
    file.read(rows);
    rows.end();
  }

  /** For the lines of the file, the first of which names the columns. */
  Rows rows(Sink sink) {
    return new Rows(sink);
  }

  /** Turns lines into samples. Not thread-safe. */
  final class Rows implements CsvRows.Sink {
    private final Sink sink;
    private @Nullable Columns columns;
    private int rows;
    private boolean anyValue;

    private Rows(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void accept(List<String> cells, int line) throws InputException, IOException {
      Columns known = columns;
      if (known == null) {
        columns = columns(cells);
        return;
      }
      Sample sample = sample(known, cells, line);
      anyValue |= !Double.isNaN(sample.value());
      rows++;
      sink.accept(sample);
    }

    /** To be called behind the last line. */
    void end() throws InputException {
      if (rows == 0) {
        throw new InputException(file.file() + ": expected rows below the header, there are none");
      }
      if (!anyValue) {
        throw new InputException(
            file.file() + ": expected numbers in column value, none of " + rows + " rows has one");
      }
    }
  }

  /** Where the columns are; -1 for one that is not there. */
  private record Columns(int timestamp, int value, List<Integer> keys, int most) {}

  private Columns columns(List<String> cells) throws InputException {
    List<String> names = CsvRows.names(cells);
    List<String> missing = new ArrayList<>();
    List<String> asked = new ArrayList<>(List.of(TIMESTAMP, VALUE));
    asked.addAll(keysRequired ? keys : List.of());
    asked.stream().filter(name -> !names.contains(name)).forEach(missing::add);
    if (!missing.isEmpty()) {
      throw new InputException(
          file.file()
              + ", line 1: expected the columns "
              + String.join(",", asked)
              + ", was "
              + InputException.shown(String.join(",", cells))
              + "; missing: "
              + String.join(", ", missing));
    }
    for (String name : asked) {
      if (names.indexOf(name) != names.lastIndexOf(name)) {
        throw new InputException(
            file.file() + ", line 1: expected one column " + name + ", there are 2");
      }
    }
    List<Integer> at = keys.stream().map(names::indexOf).filter(i -> i >= 0).toList();
    int most = Math.max(names.indexOf(TIMESTAMP), names.indexOf(VALUE));
    for (int i : at) {
      most = Math.max(most, i);
    }
    return new Columns(names.indexOf(TIMESTAMP), names.indexOf(VALUE), at, most);
  }

  private Sample sample(Columns columns, List<String> cells, int line) throws InputException {
    if (cells.size() <= columns.most()) {
      throw new InputException(
          file.at(line)
              + "expected at least "
              + (columns.most() + 1)
              + " columns, was "
              + cells.size()
              + ": "
              + InputException.shown(String.join(",", cells)));
    }
    String time = cells.get(columns.timestamp());
    double seconds = file.seconds(time, line);
    String text = cells.get(columns.value());
    List<String> key =
        switch (columns.keys().size()) {
          case 0 -> List.of();
          case 1 -> List.of(cells.get(columns.keys().get(0)));
          default -> List.of(cells.get(columns.keys().get(0)), cells.get(columns.keys().get(1)));
        };
    return new Sample(line, key, time, seconds, text, file.value(text, line, ""));
  }
}
