package io.foresplit.app.offline;

import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows of comma-separated values to a file or a stream. A file appears whole or not at all:
 * what is written is another file until {@link #finish}. Not thread-safe.
 */
final class CsvOutput implements AutoCloseable {
  private static final CsvFactory CSV =
      CsvFactory.builder().enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING).build();

  private final CsvGenerator generator;
  private final @Nullable Path target;
  private final @Nullable Path partial;

  private CsvOutput(Writer writer, @Nullable Path target, @Nullable Path partial)
      throws IOException {
    this.generator = CSV.createGenerator(writer);
    this.target = target;
    this.partial = partial;
  }

  /**
   * Output to a file, or to a stream, which stays open.
   *
   * @param file null for the stream
   * @param input a file that must not be overwritten while it is read
   */
  static CsvOutput to(@Nullable Path file, Path input, PrintWriter stream)
      throws InputException, IOException {
    if (file == null) {
      return new CsvOutput(new Unclosed(stream), null, null);
    }
    if (Files.isDirectory(file)) {
      throw new InputException("--output " + file + ": expected a file, was a folder");
    }
    if (Files.exists(file) && Files.exists(input) && Files.isSameFile(file, input)) {
      throw new InputException("--output " + file + ": expected another file than the input");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) { // a pipe or a device
      return new CsvOutput(Files.newBufferedWriter(file, StandardCharsets.UTF_8), null, null);
    }
    Path partial = file.resolveSibling(file.getFileName() + ".part");
    try {
      return new CsvOutput(Files.newBufferedWriter(partial, StandardCharsets.UTF_8), file, partial);
    } catch (NoSuchFileException e) {
      throw new InputException("--output " + file + ": expected a folder that exists");
    }
  }

  void row(List<String> cells) throws IOException {
    generator.writeStartArray();
    for (String cell : cells) {
      generator.writeString(cell);
    }
    generator.writeEndArray();
  }

  /** All rows are written. */
  void finish() throws IOException {
    generator.close();
    if (target != null && partial != null) {
      Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() throws IOException {
    generator.close();
    if (partial != null) {
      Files.deleteIfExists(partial);
    }
  }

  /** Does not close what it writes to. */
  private static final class Unclosed extends Writer {
    private final PrintWriter stream;

    Unclosed(PrintWriter stream) {
      this.stream = stream;
    }

    @Override
    public void write(char[] buffer, int offset, int length) {
      stream.write(buffer, offset, length);
    }

    @Override
    public void flush() {
      stream.flush();
    }

    @Override
    public void close() {
      stream.flush();
    }
  }
}
