package io.foresplit.bench.kind;

import io.foresplit.contract.DegradationKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How often which kind was named where which was true. A column {@code unknown} counts where nobody
 * named one. Mutable, not thread-safe.
 */
public final class KindConfusion {
  private final Map<DegradationKind, Map<DegradationKind, Integer>> counts =
      new EnumMap<>(DegradationKind.class);

  /** One more. */
  public void add(DegradationKind truth, DegradationKind said) {
    add(truth, said, 1);
  }

  private void add(DegradationKind truth, DegradationKind said, int times) {
    counts
        .computeIfAbsent(truth, key -> new EnumMap<>(DegradationKind.class))
        .merge(said, times, Integer::sum);
  }

  void addAll(KindConfusion other) {
    other.counts.forEach((truth, named) -> named.forEach((said, n) -> add(truth, said, n)));
  }

  /** How often a kind was named where another, or the same, was true. */
  public int count(DegradationKind truth, DegradationKind said) {
    return counts.getOrDefault(truth, Map.of()).getOrDefault(said, 0);
  }

  /** How often a kind was true. */
  public int count(DegradationKind truth) {
    return counts.getOrDefault(truth, Map.of()).values().stream().mapToInt(n -> n).sum();
  }

  /** Share that was named right of all that are of a kind; NaN of none. */
  public double accuracy() {
    return share(true);
  }

  /** Share that was named right of those for which a kind was named; NaN of none. */
  public double accuracyWhereNamed() {
    return share(false);
  }

  private double share(boolean withUnknown) {
    int right = 0;
    int all = 0;
    for (DegradationKind truth : DegradationKind.values()) {
      if (truth != DegradationKind.UNKNOWN) {
        right += count(truth, truth);
        all += count(truth) - (withUnknown ? 0 : count(truth, DegradationKind.UNKNOWN));
      }
    }
    return all == 0 ? Double.NaN : right / (double) all;
  }

  /** A line a true kind, a column a named one; nothing wrong is the last line, where there was. */
  public List<String> lines() {
    List<DegradationKind> kinds = new ArrayList<>(Arrays.asList(DegradationKind.values()));
    kinds.remove(DegradationKind.UNKNOWN);
    kinds.add(DegradationKind.UNKNOWN);
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder(String.format(Locale.ROOT, "%-15s", "true \\ named"));
    kinds.forEach(kind -> head.append(String.format(Locale.ROOT, "%15s", kind.label())));
    lines.add(head + String.format(Locale.ROOT, "%8s", "right"));
    for (DegradationKind truth : kinds) {
      if (count(truth) > 0) {
        boolean nothing = truth == DegradationKind.UNKNOWN;
        StringBuilder line =
            new StringBuilder(
                String.format(Locale.ROOT, "%-15s", nothing ? "nothing wrong" : truth.label()));
        kinds.forEach(said -> line.append(String.format(Locale.ROOT, "%15d", count(truth, said))));
        lines.add(
            line
                + (nothing
                    ? ""
                    : String.format(
                        Locale.ROOT, "%6.0f %%", 100.0 * count(truth, truth) / count(truth))));
      }
    }
    return lines;
  }
}
