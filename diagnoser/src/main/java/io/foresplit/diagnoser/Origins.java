package io.foresplit.diagnoser;

import io.foresplit.diagnoser.MetricDiagnosis.Finding;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells origins from victims over a call graph: a component with a callee about as anomalous as
 * itself is likely its victim, so trouble is followed from caller to callee to the deepest one that
 * stands out; one that explains the trouble of its callers gains (derived; graph traversal as in
 * Hardt et al. 2023, "The PetShop Dataset"). Without a graph the strongest change leads.
 */
final class Origins {
  /** A callee this much as strong as its caller explains it. */
  private static final double EXPLAINS = 0.5;

  private static final double VICTIM = 0.4;
  private static final double GAIN = 0.5;

  private final CallGraph calls;

  Origins(CallGraph calls) {
    this.calls = calls;
  }

  /** Findings, the likeliest origin first, of changes that stand out, the strongest first. */
  List<Finding> rank(List<MetricChange> changes) {
    Map<String, MetricChange> leading = new LinkedHashMap<>();
    changes.forEach(c -> leading.putIfAbsent(c.series().component(), c));
    return leading.values().stream()
        .map(change -> finding(change, changes, leading))
        .sorted(Comparator.comparingDouble(Finding::score).reversed())
        .toList();
  }

  private Finding finding(
      MetricChange change, List<MetricChange> changes, Map<String, MetricChange> leading) {
    String component = change.series().component();
    double own = score(change);
    Optional<MetricChange> origin = origin(component, own, leading);
    double callers =
        leading.values().stream()
            .filter(c -> !c.series().component().equals(component))
            .filter(c -> anomalousCallees(c.series().component(), leading).contains(component))
            .mapToDouble(Origins::score)
            .max()
            .orElse(0);
    double score = origin.isPresent() ? VICTIM * own : own + GAIN * (1 - own) * callers;
    return new Finding(
        component, change.series().metric(), score, evidence(change, changes, origin));
  }

  /** In [0, 1): 0.5 at a change ten times as far as the series ever went. */
  private static double score(MetricChange change) {
    return change.strength() / (change.strength() + 10);
  }

  private Optional<MetricChange> origin(
      String component, double own, Map<String, MetricChange> leading) {
    return anomalousCallees(component, leading).stream()
        .map(leading::get)
        .flatMap(c -> Optional.ofNullable(c).stream())
        .filter(c -> score(c) >= EXPLAINS * own)
        .max(Comparator.comparingDouble(MetricChange::strength));
  }

  /** All that is reached from a component along calls of components that stand out. */
  private Collection<String> anomalousCallees(String component, Map<String, MetricChange> leading) {
    Set<String> reached = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(component));
    while (!open.isEmpty()) {
      for (String callee : calls.callees(open.pop())) {
        if (leading.containsKey(callee) && !callee.equals(component) && reached.add(callee)) {
          open.push(callee);
        }
      }
    }
    return reached;
  }

  private static String evidence(
      MetricChange change, List<MetricChange> changes, Optional<MetricChange> origin) {
    String component = change.series().component();
    long others =
        changes.stream().filter(c -> c.series().component().equals(component)).count() - 1;
    return String.format(
        Locale.ROOT,
        "%s went from %.4g to %.4g, %.3g times its usual spread%s%s",
        change.series().metric(),
        change.before(),
        change.extreme(),
        change.distance(),
        others == 0
            ? ""
            : others == 1 ? "; 1 more metric changed" : "; " + others + " more metrics changed",
        origin.map(c -> "; may follow from its callee " + c.series().component()).orElse(""));
  }
}
