package io.foresplit.bench.data;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;

/** A file of comma-separated values, whole, with every row as long as the first. */
final class CsvRows {
  private static final CsvMapper MAPPER =
      CsvMapper.builder().enable(CsvParser.Feature.WRAP_AS_ARRAY).build();

  private final Path file;
  private final List<String[]> rows;

  private CsvRows(Path file, List<String[]> rows) {
    this.file = file;
    this.rows = rows;
  }

  static CsvRows read(Path file) throws DataFileException {
    requireFile(file);
    List<String[]> rows;
    try (MappingIterator<String[]> values =
        MAPPER.readerFor(String[].class).readValues(file.toFile())) {
      rows = values.readAll();
    } catch (IOException e) {
      throw new DataFileException(
          file, "expected comma-separated text, was " + e.getClass().getSimpleName());
    }
    if (rows.isEmpty()) {
      throw new DataFileException(file, "expected a header, was empty");
    }
    for (int i = 1; i < rows.size(); i++) {
      if (rows.get(i).length != rows.get(0).length) {
        throw new DataFileException(
            file,
            "expected "
                + rows.get(0).length
                + " cells in row "
                + (i + 1)
                + ", was "
                + rows.get(i).length);
      }
    }
    return new CsvRows(file, rows);
  }

  static void requireFile(Path file) throws DataFileException {
    if (!Files.isRegularFile(file)) {
      throw new DataFileException(file, "expected a readable file, there is none");
    }
  }

  int size() {
    return rows.size();
  }

  int width() {
    return rows.get(0).length;
  }

  String text(int row, int column) {
    return rows.get(row)[column];
  }

  /** A finite number, or NaN where the cell is empty. */
  double number(int row, int column) throws DataFileException {
    String text = text(row, column).strip();
    if (text.isEmpty()) {
      return Double.NaN;
    }
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw notANumber(row, text);
    }
    throw notANumber(row, text);
  }

  /** A finite number. */
  double present(int row, int column) throws DataFileException {
    double value = number(row, column);
    if (Double.isNaN(value)) {
      throw notANumber(row, "empty");
    }
    return value;
  }

  /** A time such as {@code 2014-04-10 00:02:00}. */
  LocalDateTime time(int row, int column) throws DataFileException {
    try {
      return localTime(text(row, column));
    } catch (DateTimeParseException e) {
      throw new DataFileException(
          file, "expected a time in row " + (row + 1) + ", was '" + text(row, column) + "'");
    }
  }

  static LocalDateTime localTime(String text) {
    return LocalDateTime.parse(text.strip().replace(' ', 'T'));
  }

  private DataFileException notANumber(int row, String text) {
    return new DataFileException(
        file, "expected a finite number in row " + (row + 1) + ", was '" + text + "'");
  }
}
