package io.foresplit.app.offline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foresplit.diagnoser.MetricDiagnosis;
import io.foresplit.diagnoser.MetricDiagnosis.Finding;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * A diagnosis for people and for programs.
 *
 * @param onsetGiven whether the onset was given rather than estimated
 * @param series looked at
 * @param problems what was odd about the input
 */
record DiagnosisView(
    MetricDiagnosis diagnosis, boolean onsetGiven, int series, List<String> problems) {
  /** Components shown; all are in the JSON. */
  private static final int ROWS = 10;

  private static final int LONGEST_NAME = 48;

  static String time(double seconds) {
    return Instant.ofEpochMilli(Math.round(seconds * 1000)).toString();
  }

  String json() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("abstained", diagnosis.abstained());
    diagnosis.onsetSeconds().ifPresent(s -> root.put("onset", time(s)));
    root.put("onsetEstimated", !onsetGiven);
    ArrayNode ranked = root.putArray("ranked");
    for (Finding finding : diagnosis.ranked()) {
      ranked
          .addObject()
          .put("component", finding.component())
          .put("metric", finding.metric())
          .put("score", Math.rint(finding.score() * 1e6) / 1e6)
          .put("evidence", finding.evidence());
    }
    ArrayNode met = root.putArray("problems");
    problems.forEach(met::add);
    return root.toPrettyString();
  }

  void show(PrintWriter out) {
    String onset =
        diagnosis.onsetSeconds().isEmpty()
            ? "onset not known"
            : "onset "
                + time(diagnosis.onsetSeconds().getAsDouble())
                + (onsetGiven ? "" : " (estimated)");
    if (diagnosis.abstained()) {
      out.printf(Locale.ROOT, "%d series, %s: nothing stands out%n", series, onset);
      return;
    }
    List<Finding> shown = diagnosis.ranked().stream().limit(ROWS).toList();
    int width =
        Math.max(9, shown.stream().mapToInt(f -> cut(f.component()).length()).max().orElse(0));
    out.printf(Locale.ROOT, "%d series, %s%n%n", series, onset);
    String row = "  %4s  %-" + width + "s  %5s  %s%n";
    out.printf(Locale.ROOT, row, "", "component", "score", "evidence");
    for (int i = 0; i < shown.size(); i++) {
      Finding f = shown.get(i);
      String score = String.format(Locale.ROOT, "%.3f", f.score());
      out.printf(Locale.ROOT, row, i + 1, cut(f.component()), score, f.evidence());
    }
    int more = diagnosis.ranked().size() - shown.size();
    if (more > 0) {
      out.printf(Locale.ROOT, "  … and %d more; --json has all%n", more);
    }
  }

  private static String cut(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
  }
}
