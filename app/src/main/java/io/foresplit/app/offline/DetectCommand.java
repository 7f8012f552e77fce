package io.foresplit.app.offline;

import io.foresplit.app.offline.Audit.Oddity;
import io.foresplit.app.offline.SampleFile.Sample;
import io.foresplit.forecaster.AnomalyScorer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Scores each row of a file by how unlikely it is after the rows before it. */
@Command(
    name = "detect",
    description = {
      "Score each row of a series by how unlikely it is after those before it, 0 to 1. No row's",
      "score uses a later one. docs/offline.md says what the score means."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit code 2 when the input cannot be used.",
      "",
      "Example: foresplit detect --input cpu.csv --output scores.csv"
    })
public final class DetectCommand extends OfflineCommand {
  /** The most series at once: some 20 KB each. */
  static final int MOST_SERIES = 20_000;

  private static final long MICROS = 1_000_000;

  private static final Map<Oddity, String> TREATMENT =
      Map.of(
          Oddity.MISSING, "score 0, the series goes on behind",
          Oddity.UNSORTED, "scored in the order of the file",
          Oddity.DUPLICATE, "each is scored, in the order of the file",
          Oddity.IRREGULAR, "scored row by row, distances in time do not matter",
          Oddity.CONSTANT, "score 0");

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "CSV with the columns timestamp,value, or series,timestamp,value.")
  private Path input = Path.of("input.csv");

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "CSV timestamp,value,anomaly_score: the same rows in the same order.")
  private Path output = Path.of("output.csv");

  @Override
  void run() throws InputException, IOException {
    Audit audit = new Audit();
    Map<List<String>, AnomalyScorer> scorers = new HashMap<>();
    try (CsvOutput rows = CsvOutput.to(output, input, out())) {
      SampleFile.ofSeries(input).read(sample -> write(sample, audit, scorers, rows));
      rows.finish();
    }
    audit.findings(TREATMENT).forEach(this::note);
  }

  private void write(
      Sample sample, Audit audit, Map<List<String>, AnomalyScorer> scorers, CsvOutput rows)
      throws InputException, IOException {
    if (scorers.isEmpty()) {
      List<String> header = new ArrayList<>(sample.key().isEmpty() ? List.of() : List.of("series"));
      header.addAll(List.of(SampleFile.TIMESTAMP, SampleFile.VALUE, "anomaly_score"));
      rows.row(header);
    }
    if (scorers.size() == MOST_SERIES && !scorers.containsKey(sample.key())) {
      throw new InputException(
          input
              + ", line "
              + sample.line()
              + ": expected at most "
              + MOST_SERIES
              + " series, since each takes some 20 KB of memory, was one more, '"
              + InputException.shown(sample.key().get(0))
              + "'; split the file by series");
    }
    audit.add(sample);
    double score =
        scorers.computeIfAbsent(sample.key(), key -> new AnomalyScorer()).next(sample.value());
    List<String> cells = new ArrayList<>(sample.key());
    cells.addAll(List.of(sample.time(), sample.text(), decimal(score)));
    rows.row(cells);
  }

  /** Six decimals of a number from 0 to 1. */
  private static String decimal(double score) {
    long micros = Math.round(score * MICROS);
    String digits = Long.toString(MICROS + micros % MICROS);
    return micros / MICROS + "." + digits.substring(1);
  }
}
