package io.foresplit.app.offline;

import io.foresplit.app.offline.Audit.Oddity;
import io.foresplit.diagnoser.CallGraph;
import io.foresplit.diagnoser.MetricDiagnosis;
import io.foresplit.diagnoser.MetricTable;
import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says where trouble in a system of any kind began, from its metrics. */
@Command(
    name = "diagnose",
    description = {
      "Say where trouble in a system began, from metrics of its components and, if known, who"
          + " calls",
      "whom. Abstains when nothing stands out. docs/offline.md has the files."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit code 2 when the input cannot be used.",
      "",
      "Example: foresplit diagnose --metrics shop.csv --topology calls.json"
    })
public final class DiagnoseCommand extends OfflineCommand {
  private static final Map<Oddity, String> TREATMENT =
      Map.of(
          Oddity.MISSING, "taken as gaps",
          Oddity.UNSORTED, "sorted by time",
          Oddity.DUPLICATE, "their mean counts",
          Oddity.IRREGULAR, "put on steps of the median distance",
          Oddity.CONSTANT, "stands out in no way",
          Oddity.EMPTY, "left out");

  @Option(
      names = "--metrics",
      required = true,
      paramLabel = "FILE",
      description = {
        "CSV with the columns timestamp,component,metric,value, or with a column time and a",
        "column for each metric, such as carts_cpu."
      })
  private Path metrics = Path.of("metrics.csv");

  @Option(
      names = "--normal",
      paramLabel = "FILE",
      description = "Metrics of a normal time, which count as right before the others.")
  private @Nullable Path normal;

  @Option(
      names = "--columns",
      paramLabel = "REGEX",
      description = {
        "Names of such columns, with the groups component and metric:",
        "'(?<component>.+)[.](?<metric>[^.]+)'. What does not match is left out."
      })
  private @Nullable String columns;

  @Option(
      names = "--topology",
      paramLabel = "FILE",
      description = {
        "JSON {\"edges\":[{\"from\":\"caller\",\"to\":\"callee\"}]}, or a matrix as CSV with",
        "1 where the row calls the column."
      })
  private @Nullable Path topology;

  @Option(
      names = "--onset",
      paramLabel = "TIME",
      description = "When trouble began; estimated by default.")
  private @Nullable String onset;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  void run() throws InputException, IOException {
    OptionalDouble given = onset();
    CallGraph calls = topology == null ? CallGraph.UNKNOWN : CallGraphFile.read(topology);
    ColumnNames names = names(calls);
    List<String> problems = new ArrayList<>();
    MetricTable table = table(metrics, names, problems);
    if (normal != null) {
      table = table.after(table(normal, names, problems));
    }
    Set<String> components =
        table.series().stream().map(MetricSeries::component).collect(Collectors.toSet());
    List<String> strangers =
        calls.calls().stream()
            .flatMap(c -> Stream.of(c.from(), c.to()))
            .filter(c -> !components.contains(c))
            .distinct()
            .sorted()
            .toList();
    if (!strangers.isEmpty()) {
      problems.add(
          strangers.size() + " of the topology without metrics, the first " + strangers.get(0));
    }
    checkOnset(given, table);
    MetricDiagnosis diagnosis = MetricDiagnosis.of(table, calls, given);
    if (diagnosis.onsetSeconds().isEmpty()) {
      problems.add(
          "no shift of the series stands out, or there are too few steps to tell: abstained;"
              + " --onset says when trouble began");
    }
    problems.forEach(this::note);
    DiagnosisView view =
        new DiagnosisView(diagnosis, given.isPresent(), table.series().size(), problems);
    if (json) {
      out().println(view.json());
    } else {
      view.show(out());
    }
  }

  private ColumnNames names(CallGraph calls) throws InputException {
    Set<String> known =
        calls.calls().stream()
            .flatMap(c -> Stream.of(c.from(), c.to()))
            .collect(Collectors.toSet());
    String regex = columns;
    return new ColumnNames(
        regex == null ? Optional.empty() : Optional.of(ColumnNames.pattern(regex)), known);
  }

  private static MetricTable table(Path file, ColumnNames names, List<String> problems)
      throws InputException, IOException {
    Audit audit = new Audit("sample");
    MetricTable.Builder builder = new MetricTable.Builder();
    problems.addAll(
        MetricsFile.read(
            file,
            names,
            sample -> {
              audit.add(sample);
              builder.add(
                  sample.seconds(), sample.key().get(0), sample.key().get(1), sample.value());
            }));
    problems.addAll(audit.findings(TREATMENT));
    return builder.build();
  }

  private OptionalDouble onset() throws InputException {
    if (onset == null) {
      return OptionalDouble.empty();
    }
    double seconds = Timestamps.seconds(onset);
    if (Double.isNaN(seconds)) {
      throw new InputException(
          "--onset: expected "
              + Timestamps.EXPECTED
              + "; was '"
              + InputException.shown(onset)
              + "'");
    }
    return OptionalDouble.of(seconds);
  }

  private void checkOnset(OptionalDouble given, MetricTable table) throws InputException {
    double end = table.startSeconds() + (table.steps() - 1) * table.stepSeconds();
    if (given.isPresent()
        && (given.getAsDouble() <= table.startSeconds() || given.getAsDouble() > end)) {
      throw new InputException(
          "--onset: expected a time after "
              + DiagnosisView.time(table.startSeconds())
              + " and not after "
              + DiagnosisView.time(end)
              + ", between which the metrics lie; was "
              + DiagnosisView.time(given.getAsDouble()));
    }
  }
}
