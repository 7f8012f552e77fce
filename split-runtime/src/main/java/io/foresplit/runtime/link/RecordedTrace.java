package io.foresplit.runtime.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A rate that was measured: constant between its points, and looped for ever. Immutable and
 * thread-safe. A recorded outage keeps a trickle, for a sender cannot be paced at rate 0.
 */
public final class RecordedTrace implements RateTrace {
  /** What one delivery opportunity of a mahimahi trace carries. */
  private static final int PACKET_BYTES = 1500;

  private static final double BIN_SECONDS = 0.5;

  private final double[] starts;
  private final double[] rates;
  private final double lengthSeconds;

  /**
   * @param starts seconds from the start of the trace, rising, the first 0
   * @param rates bytes per second from each start on
   */
  private RecordedTrace(double[] starts, double[] rates, double lengthSeconds) {
    this.starts = starts;
    this.rates = rates;
    this.lengthSeconds = lengthSeconds;
  }

  /**
   * Reads lines of {@code seconds,bytes_per_second}, seconds rising. A first line that is no number
   * is the heading; blank lines and {@code #} lines are skipped. The last point lasts as long as
   * the one before it.
   *
   * @throws IllegalArgumentException naming file and line, when the file is not such a trace
   */
  public static RecordedTrace fromCsv(Path file) throws IOException {
    List<Double> seconds = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (isComment(line) || (i == 0 && line.chars().anyMatch(RecordedTrace::isHeadingLetter))) {
        continue;
      }
      String[] cells = line.split(",", -1);
      if (cells.length != 2) {
        throw malformed(file, i, "expected 'seconds,bytes_per_second', was '" + line + "'");
      }
      double second = number(file, i, cells[0]);
      double rate = number(file, i, cells[1]);
      if (rate <= 0) {
        throw malformed(file, i, "bytes per second must be positive, was " + rate);
      }
      if (!seconds.isEmpty() && second <= seconds.get(seconds.size() - 1)) {
        throw malformed(
            file,
            i,
            "seconds must rise, was " + second + " after " + seconds.get(seconds.size() - 1));
      }
      seconds.add(second);
      rates.add(rate);
    }
    if (seconds.isEmpty()) {
      throw malformed(file, 0, "expected at least one line 'seconds,bytes_per_second'");
    }
    int n = seconds.size();
    double first = seconds.get(0);
    double last = n == 1 ? 1 : seconds.get(n - 1) - seconds.get(n - 2);
    return new RecordedTrace(
        seconds.stream().mapToDouble(s -> s - first).toArray(),
        rates.stream().mapToDouble(r -> r).toArray(),
        seconds.get(n - 1) - first + last);
  }

  /**
   * Reads a mahimahi trace: one whole number of milliseconds a line, not falling, each the chance
   * to send one packet of {@value #PACKET_BYTES} bytes. Packets are counted in bins of {@value
   * #BIN_SECONDS} s; an empty bin counts as one packet.
   *
   * @throws IllegalArgumentException naming file and line, when the file is not such a trace
   */
  public static RecordedTrace fromMahimahi(Path file) throws IOException {
    List<Long> millis = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (isComment(line)) {
        continue;
      }
      if (!line.matches("\\d{1,12}")) {
        throw malformed(file, i, "expected a whole number of milliseconds, was '" + line + "'");
      }
      long milli = Long.parseLong(line);
      if (!millis.isEmpty() && milli < millis.get(millis.size() - 1)) {
        throw malformed(
            file,
            i,
            "milliseconds must not fall, was " + milli + " after " + millis.get(millis.size() - 1));
      }
      millis.add(milli);
    }
    if (millis.isEmpty()) {
      throw malformed(file, 0, "expected at least one line of milliseconds");
    }
    double length = Math.max(millis.get(millis.size() - 1) / 1000.0, 0.001);
    int bins = (int) Math.min(Math.ceil(length / BIN_SECONDS), 1e7);
    double width = length / bins;
    double[] packets = new double[bins];
    for (long milli : millis) {
      packets[Math.min((int) (milli / 1000.0 / width), bins - 1)]++;
    }
    double[] starts = new double[bins];
    Arrays.setAll(starts, i -> i * width);
    double[] rates =
        Arrays.stream(packets).map(n -> Math.max(n, 1) * PACKET_BYTES / width).toArray();
    return new RecordedTrace(starts, rates, length);
  }

  /** The same shape with another mean rate, such as the nominal rate of a link. */
  public RecordedTrace scaledTo(double meanBytesPerSecond) {
    if (!(meanBytesPerSecond > 0 && meanBytesPerSecond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "mean rate must be positive and finite, was " + meanBytesPerSecond);
    }
    double factor = meanBytesPerSecond / meanBytesPerSecond();
    return new RecordedTrace(
        starts, Arrays.stream(rates).map(r -> r * factor).toArray(), lengthSeconds);
  }

  /** Mean over one loop. */
  public double meanBytesPerSecond() {
    double bytes = 0;
    for (int i = 0; i < rates.length; i++) {
      double end = i + 1 < starts.length ? starts[i + 1] : lengthSeconds;
      bytes += rates[i] * (end - starts[i]);
    }
    return bytes / lengthSeconds;
  }

  /** Seconds after which the trace starts again. */
  public double lengthSeconds() {
    return lengthSeconds;
  }

  @Override
  public double bytesPerSecond(double secondsSinceStart) {
    double position =
        secondsSinceStart - Math.floor(secondsSinceStart / lengthSeconds) * lengthSeconds;
    int found = Arrays.binarySearch(starts, position);
    return rates[found >= 0 ? found : Math.max(-found - 2, 0)];
  }

  private static boolean isComment(String line) {
    return line.isEmpty() || line.startsWith("#");
  }

  /** Letters of a heading; e and E also occur in numbers, and so do not count. */
  private static boolean isHeadingLetter(int c) {
    return Character.isLetter(c) && c != 'e' && c != 'E';
  }

  private static double number(Path file, int index, String text) {
    try {
      double value = Double.parseDouble(text.strip());
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for all that is no number
    }
    throw malformed(file, index, "expected a finite number, was '" + text.strip() + "'");
  }

  private static IllegalArgumentException malformed(Path file, int index, String problem) {
    return new IllegalArgumentException("trace " + file + ", line " + (index + 1) + ": " + problem);
  }
}
