package io.foresplit.app.offline;

import io.foresplit.app.offline.SampleFile.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What is odd about a file, found in its rows and said in one line each. Keeps time and line of
 * every row, 12 bytes each. Not thread-safe.
 */
final class Audit {
  /** A spacing that differs from the median one by more than this share of it is irregular. */
  private static final double REGULAR = 0.01;

  /** What can be odd. */
  enum Oddity {
    MISSING("without a finite value"),
    UNSORTED("earlier than the row before"),
    DUPLICATE("with the time of another row of the series"),
    IRREGULAR("at another distance from the one before than is usual for the series"),
    CONSTANT("constant"),
    EMPTY("without any value");

    private final String what;

    Oddity(String what) {
      this.what = what;
    }

    boolean ofSeries() {
      return this == CONSTANT || this == EMPTY;
    }
  }

  private static final class Rows {
    private double[] seconds = new double[16];
    private int[] lines = new int[16];
    private int size;
    private double least = Double.POSITIVE_INFINITY;
    private double most = Double.NEGATIVE_INFINITY;

    void add(Sample sample) {
      if (size == lines.length) {
        seconds = Arrays.copyOf(seconds, 2 * size);
        lines = Arrays.copyOf(lines, 2 * size);
      }
      seconds[size] = sample.seconds();
      lines[size] = sample.line();
      size++;
      if (!Double.isNaN(sample.value())) {
        least = Math.min(least, sample.value());
        most = Math.max(most, sample.value());
      }
    }
  }

  private record Found(int count, int firstLine) {
    Found with(int line) {
      return new Found(count + 1, Math.min(firstLine, line));
    }
  }

  private final String unit;
  private final Map<List<String>, Rows> series = new LinkedHashMap<>();
  private final Map<Oddity, Found> found = new EnumMap<>(Oddity.class);

  Audit() {
    this("row");
  }

  /** What a sample is in the file, in the singular. */
  Audit(String unit) {
    this.unit = unit;
  }

  void add(Sample sample) {
    Rows rows = series.computeIfAbsent(sample.key(), key -> new Rows());
    if (rows.size > 0 && sample.seconds() < rows.seconds[rows.size - 1]) {
      met(Oddity.UNSORTED, sample.line());
    }
    if (Double.isNaN(sample.value())) {
      met(Oddity.MISSING, sample.line());
    }
    rows.add(sample);
  }

  /**
   * One line for each oddity.
   *
   * @param treatment what is done about it; an oddity without one is not told
   */
  List<String> findings(Map<Oddity, String> treatment) {
    series.values().forEach(this::judge);
    List<String> lines = new ArrayList<>();
    found.forEach(
        (oddity, f) -> {
          String done = treatment.get(oddity);
          if (done != null) {
            boolean one = f.count() == 1;
            String counted = oddity.ofSeries() ? "series" : one ? unit : unit + "s";
            lines.add(
                f.count()
                    + " "
                    + counted
                    + " "
                    + oddity.what
                    + ", "
                    + (one ? "" : "the first ")
                    + (oddity.ofSeries() ? "from" : "in")
                    + " line "
                    + f.firstLine()
                    + ": "
                    + done);
          }
        });
    return lines;
  }

  private void met(Oddity oddity, int line) {
    found.merge(oddity, new Found(1, line), (a, b) -> a.with(line));
  }

  private void judge(Rows rows) {
    if (rows.least == rows.most && rows.size > 1) {
      met(Oddity.CONSTANT, rows.lines[0]);
    }
    if (rows.least > rows.most) {
      met(Oddity.EMPTY, rows.lines[0]);
    }
    int[] order =
        sorted(rows)
            ? IntStream.range(0, rows.size).toArray()
            : IntStream.range(0, rows.size)
                .boxed()
                .sorted((a, b) -> Double.compare(rows.seconds[a], rows.seconds[b]))
                .mapToInt(Integer::intValue)
                .toArray();
    double[] distances =
        IntStream.range(1, order.length)
            .mapToDouble(i -> rows.seconds[order[i]] - rows.seconds[order[i - 1]])
            .toArray();
    double[] positive = Arrays.stream(distances).filter(d -> d > 0).sorted().toArray();
    double median = positive.length == 0 ? 0 : positive[positive.length / 2];
    for (int i = 0; i < distances.length; i++) {
      if (distances[i] == 0) {
        met(Oddity.DUPLICATE, rows.lines[order[i + 1]]);
      } else if (Math.abs(distances[i] - median) > REGULAR * median) {
        met(Oddity.IRREGULAR, rows.lines[order[i + 1]]);
      }
    }
  }

  private static boolean sorted(Rows rows) {
    for (int i = 1; i < rows.size; i++) {
      if (rows.seconds[i] < rows.seconds[i - 1]) {
        return false;
      }
    }
    return true;
  }
}
