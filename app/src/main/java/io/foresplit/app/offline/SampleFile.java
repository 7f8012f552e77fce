package io.foresplit.app.offline;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import io.foresplit.forecaster.SeriesForecaster;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads a file of samples: comma-separated, the first line names the columns, in any order and
 * case. There is always a {@code timestamp} and a {@code value}; other columns than those asked for
 * are left out. One row at a time is held.
 */
final class SampleFile {
  static final String TIMESTAMP = "timestamp";
  static final String VALUE = "value";

  private static final Set<String> MISSING =
      Set.of("", "na", "n/a", "nan", "null", "none", "-", "?");
  private static final Set<String> INFINITE =
      Set.of("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity");
  private static final CsvFactory CSV =
      CsvFactory.builder()
          .enable(CsvParser.Feature.TRIM_SPACES)
          .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
          .build();

  /** Beyond it there is no room for sums and forecasts. */
  private static final double MOST_VALUE = SeriesForecaster.MOST_VALUE;

  private final Path file;
  private final List<String> keys;
  private final boolean keysRequired;

  private SampleFile(Path file, List<String> keys, boolean keysRequired) {
    this.file = file;
    this.keys = List.copyOf(keys);
    this.keysRequired = keysRequired;
  }

  /** A file of one series, or of several with a column {@code series}. */
  static SampleFile ofSeries(Path file) {
    return new SampleFile(file, List.of("series"), false);
  }

  /** A file of metrics of components. */
  static SampleFile ofMetrics(Path file) {
    return new SampleFile(file, List.of("component", "metric"), true);
  }

  /**
   * One row.
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
    if (!Files.exists(file)) {
      throw new InputException(file + ": expected a readable file, there is none");
    }
    if (Files.isDirectory(file)) {
      throw new InputException(file + ": expected a file, was a folder");
    }
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        CsvParser parser = CSV.createParser(reader)) {
      List<String> cells = new ArrayList<>();
      if (!row(parser, cells)) {
        throw new InputException(file + ": expected a line that names the columns, was empty");
      }
      Columns columns = columns(cells);
      int rows = 0;
      boolean anyValue = false;
      while (row(parser, cells)) {
        Sample sample = sample(columns, cells, line(parser));
        anyValue |= !Double.isNaN(sample.value());
        rows++;
        sink.accept(sample);
      }
      if (rows == 0) {
        throw new InputException(file + ": expected rows below the header, there are none");
      }
      if (!anyValue) {
        throw new InputException(
            file + ": expected numbers in column value, none of " + rows + " rows has one");
      }
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": expected text in UTF-8, was something else");
    } catch (JacksonException e) {
      throw new InputException(
          file
              + (e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr())
              + ": expected comma-separated values, was "
              + e.getOriginalMessage());
    }
  }

  /** Reads the cells of the next row; false at the end. */
  private static boolean row(CsvParser parser, List<String> cells) throws IOException {
    cells.clear();
    if (parser.nextToken() != JsonToken.START_ARRAY) {
      return false;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      cells.add(parser.getText());
    }
    return true;
  }

  private static int line(CsvParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }

  /** Where the columns are; -1 for one that is not there. */
  private record Columns(int timestamp, int value, List<Integer> keys, int most) {}

  private Columns columns(List<String> cells) throws InputException {
    List<String> names = new ArrayList<>();
    for (String cell : cells) {
      names.add(cell.replace("\uFEFF", "").strip().toLowerCase(Locale.ROOT));
    }
    List<String> missing = new ArrayList<>();
    List<String> asked = new ArrayList<>(List.of(TIMESTAMP, VALUE));
    asked.addAll(keysRequired ? keys : List.of());
    asked.stream().filter(name -> !names.contains(name)).forEach(missing::add);
    if (!missing.isEmpty()) {
      throw new InputException(
          file
              + ", line 1: expected the columns "
              + String.join(",", asked)
              + ", was "
              + InputException.shown(String.join(",", cells))
              + "; missing: "
              + String.join(", ", missing));
    }
    for (String name : asked) {
      if (names.indexOf(name) != names.lastIndexOf(name)) {
        throw new InputException(file + ", line 1: expected one column " + name + ", there are 2");
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
          at(line)
              + "expected at least "
              + (columns.most() + 1)
              + " columns, was "
              + cells.size()
              + ": "
              + InputException.shown(String.join(",", cells)));
    }
    String time = cells.get(columns.timestamp());
    double seconds = Timestamps.seconds(time);
    if (Double.isNaN(seconds)) {
      throw new InputException(
          at(line)
              + "expected "
              + Timestamps.EXPECTED
              + "; was '"
              + InputException.shown(time)
              + "'");
    }
    String text = cells.get(columns.value());
    List<String> key =
        switch (columns.keys().size()) {
          case 0 -> List.of();
          case 1 -> List.of(cells.get(columns.keys().get(0)));
          default -> List.of(cells.get(columns.keys().get(0)), cells.get(columns.keys().get(1)));
        };
    return new Sample(line, key, time, seconds, text, value(text, line));
  }

  private double value(String text, int line) throws InputException {
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value) && Math.abs(value) > MOST_VALUE) {
        throw new InputException(
            at(line)
                + "expected a number from -1e300 to 1e300, was '"
                + InputException.shown(text)
                + "'; divide all values, or leave it empty if it stands for none");
      }
      return Double.isInfinite(value) ? Double.NaN : value;
    } catch (NumberFormatException e) {
      String small = text.toLowerCase(Locale.ROOT);
      if (MISSING.contains(small) || INFINITE.contains(small)) {
        return Double.NaN;
      }
      throw new InputException(
          at(line) + "expected a number as value, was '" + InputException.shown(text) + "'");
    }
  }

  private String at(int line) {
    return file + ", line " + line + ": ";
  }
}
