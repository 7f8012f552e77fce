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

/** Rows of a file of comma-separated values, one at a time, and what their cells mean. */
record CsvRows(Path file) {
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

  /** Takes the rows, one after the other. */
  interface Sink {
    /**
     * A row.
     *
     * @param cells not to be kept
     * @param line of the file, from 1
     */
    void accept(List<String> cells, int line) throws InputException, IOException;
  }

  /** Hands on every row in the order of the file, the one that names the columns too. */
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
      boolean first = true;
      while (row(parser, cells)) {
        if (first) {
          cells.set(0, cells.get(0).replace("\uFEFF", ""));
          first = false;
        }
        sink.accept(cells, parser.currentTokenLocation().getLineNr());
      }
      if (first) {
        throw new InputException(file + ": expected a line that names the columns, was empty");
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

  /** A time, in seconds of the epoch. */
  double seconds(String text, int line) throws InputException {
    double seconds = Timestamps.seconds(text);
    if (Double.isNaN(seconds)) {
      throw new InputException(
          at(line)
              + "expected "
              + Timestamps.EXPECTED
              + "; was '"
              + InputException.shown(text)
              + "'");
    }
    return seconds;
  }

  /**
   * A value; NaN when there is none.
   *
   * @param where said before what was expected, such as the name of a column; may be empty
   */
  double value(String text, int line, String where) throws InputException {
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value) && Math.abs(value) > MOST_VALUE) {
        throw new InputException(
            at(line)
                + where
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
          at(line)
              + where
              + "expected a number as value, was '"
              + InputException.shown(text)
              + "'");
    }
  }

  /** Names of columns as they are compared: without case. */
  static List<String> names(List<String> cells) {
    return cells.stream().map(c -> c.strip().toLowerCase(Locale.ROOT)).toList();
  }

  String at(int line) {
    return file + ", line " + line + ": ";
  }
}
