package io.foresplit.runtime.link;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * A link that was measured: constant between its points, and looped for ever. Immutable and
 * thread-safe. A recorded outage keeps a trickle, for a sender cannot be paced at rate 0.
 */
public final class RecordedTrace implements RateTrace {
  /** What one delivery opportunity of a mahimahi trace carries. */
  private static final int PACKET_BYTES = 1500;

  private static final double BIN_SECONDS = 0.5;
  private static final int MAX_BINS = 1_000_000;

  private final double[] starts;
  private final double[] rates;
  private final double[] delays;
  private final double[] jitters;
  private final double[] losses;
  private final double lengthSeconds;

  /**
   * @param starts seconds from the start of the trace, rising, the first 0
   * @param rates bytes per second from each start on
   * @param delays seconds from each start on, or none
   * @param jitters seconds from each start on, or none
   * @param losses shares of packets from each start on, or none
   */
  RecordedTrace(
      double[] starts,
      double[] rates,
      double[] delays,
      double[] jitters,
      double[] losses,
      double lengthSeconds) {
    this.starts = starts;
    this.rates = rates;
    this.delays = delays;
    this.jitters = jitters;
    this.losses = losses;
    this.lengthSeconds = lengthSeconds;
  }

  /**
   * Reads lines of {@code seconds,bytes_per_second}, seconds rising, and after these, if the file
   * has them, {@code delay_seconds}, {@code jitter_seconds} and {@code loss}. A heading is
   * optional; one that uses these names may have them in another order or leave some of the last
   * three out. Blank lines and {@code #} lines are skipped. The last point lasts as long as the one
   * before it.
   *
   * @throws IllegalArgumentException naming file and line, when the file is not such a trace
   */
  public static RecordedTrace fromCsv(Path file) throws IOException {
    return CsvTrace.read(file);
  }

  /**
   * Reads a mahimahi trace: one whole number of milliseconds a line, not falling, each the chance
   * to send one packet of {@value #PACKET_BYTES} bytes. Packets are counted in bins of {@value
   * #BIN_SECONDS} s; an empty bin counts as one packet.
   *
   * @throws IllegalArgumentException naming file and line, when the file is not such a trace
   */
  public static RecordedTrace fromMahimahi(Path file) throws IOException {
    TraceLines trace = TraceLines.read(file);
    if (trace.lines().isEmpty()) {
      throw trace.malformed(1, "expected at least one line of milliseconds");
    }
    long[] millis = new long[trace.lines().size()];
    for (int i = 0; i < millis.length; i++) {
      TraceLines.Line line = trace.lines().get(i);
      if (!line.text().matches("\\d{1,12}")) {
        throw trace.malformed(
            line, "expected a whole number of milliseconds, was " + TraceLines.quoted(line.text()));
      }
      millis[i] = Long.parseLong(line.text());
      if (i > 0 && millis[i] < millis[i - 1]) {
        throw trace.malformed(
            line, "milliseconds must not fall, was " + millis[i] + " after " + millis[i - 1]);
      }
    }
    double length = Math.max(millis[millis.length - 1] / 1000.0, 0.001);
    int bins = (int) Math.min(Math.ceil(length / BIN_SECONDS), MAX_BINS);
    double width = length / bins;
    double[] packets = new double[bins];
    for (long milli : millis) {
      packets[Math.min((int) (milli / 1000.0 / width), bins - 1)]++;
    }
    double[] starts = new double[bins];
    Arrays.setAll(starts, i -> i * width);
    double[] rates =
        Arrays.stream(packets).map(n -> Math.max(n, 1) * PACKET_BYTES / width).toArray();
    double[] none = {};
    return new RecordedTrace(starts, rates, none, none, none, length);
  }

  /** The same shape with another mean rate, such as the nominal rate of a link. */
  public RecordedTrace scaledTo(double meanBytesPerSecond) {
    if (!(meanBytesPerSecond > 0 && meanBytesPerSecond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "mean rate must be positive and finite, was " + meanBytesPerSecond);
    }
    double factor = meanBytesPerSecond / meanBytesPerSecond();
    return new RecordedTrace(
        starts,
        Arrays.stream(rates).map(r -> r * factor).toArray(),
        delays,
        jitters,
        losses,
        lengthSeconds);
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
    return rates[point(secondsSinceStart)];
  }

  @Override
  public OptionalDouble delaySeconds(double secondsSinceStart) {
    return delays.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(delays[point(secondsSinceStart)]);
  }

  @Override
  public double jitterSeconds(double secondsSinceStart) {
    return jitters.length == 0 ? 0 : jitters[point(secondsSinceStart)];
  }

  @Override
  public double loss(double secondsSinceStart) {
    return losses.length == 0 ? 0 : losses[point(secondsSinceStart)];
  }

  private int point(double secondsSinceStart) {
    double position =
        secondsSinceStart - Math.floor(secondsSinceStart / lengthSeconds) * lengthSeconds;
    int found = Arrays.binarySearch(starts, position);
    return found >= 0 ? found : Math.max(-found - 2, 0);
  }
}
