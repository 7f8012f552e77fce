package io.foresplit.app.offline;

import io.foresplit.app.offline.Audit.Oddity;
import io.foresplit.diagnoser.CallGraph;
import io.foresplit.diagnoser.MetricDiagnosis;
import io.foresplit.diagnoser.MetricTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
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
          Oddity.CONSTANT, "stands out in no way");

  @Option(
      names = "--metrics",
      required = true,
      paramLabel = "FILE",
      description = "CSV with the columns timestamp,component,metric,value.")
  private Path metrics = Path.of("metrics.csv");

  @Option(
      names = "--topology",
      paramLabel = "FILE",
      description = "JSON {\"edges\":[{\"from\":\"caller\",\"to\":\"callee\"}]}.")
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
    Audit audit = new Audit();
    MetricTable.Builder builder = new MetricTable.Builder();
    Set<String> components = new HashSet<>();
    SampleFile.ofMetrics(metrics)
        .read(
            sample -> {
              audit.add(sample);
              components.add(sample.key().get(0));
              builder.add(
                  sample.seconds(), sample.key().get(0), sample.key().get(1), sample.value());
            });
    MetricTable table = builder.build();
    List<String> problems = new ArrayList<>(audit.findings(TREATMENT));
    List<String> strangers =
        calls.calls().stream()
            .flatMap(c -> List.of(c.from(), c.to()).stream())
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
