package io.foresplit.diagnoser;

import io.foresplit.diagnoser.CallGraph.Call;
import io.foresplit.diagnoser.MetricDiagnosis.Finding;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Tells origins from victims over a call graph: a component with a callee about as anomalous as
 * itself is likely its victim, so trouble is followed from caller to callee to the deepest one that
 * stands out; one that explains the trouble of its callers gains (derived; graph traversal as in
 * Hardt et al. 2023, "The PetShop Dataset"). Without a graph the strongest change leads.
 *
 * <p>Takes components times calls steps, and one search along the calls for each component.
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
    Map<String, Integer> index = new HashMap<>();
    List<MetricChange> leading = new ArrayList<>(); // the strongest component first
    Map<String, Integer> metrics = new HashMap<>();
    for (MetricChange change : changes) {
      String component = change.series().component();
      metrics.merge(component, 1, Integer::sum);
      if (index.putIfAbsent(component, leading.size()) == null) {
        leading.add(change);
      }
    }
    int[][] callees = callees(index);
    List<Optional<MetricChange>> origins = new ArrayList<>();
    double[] callers = new double[leading.size()]; // score of the strongest one above each
    BitSet called = new BitSet();
    for (int i = 0; i < leading.size(); i++) {
      BitSet reached = reached(i, callees);
      int strongest = reached.nextSetBit(0);
      origins.add(
          Optional.of(strongest)
              .filter(s -> s >= 0)
              .map(leading::get)
              .filter(explains(leading.get(i))));
      reached.andNot(called);
      double own = score(leading.get(i));
      reached.stream().forEach(callee -> callers[callee] = own);
      called.or(reached);
    }
    return IntStream.range(0, leading.size())
        .mapToObj(
            i -> {
              MetricChange change = leading.get(i);
              int others = metrics.getOrDefault(change.series().component(), 1) - 1;
              return finding(change, others, origins.get(i), callers[i]);
            })
        .sorted(Comparator.comparingDouble(Finding::score).reversed())
        .toList();
  }

  private static Finding finding(
      MetricChange change, int others, Optional<MetricChange> origin, double callers) {
    double own = score(change);
    double score = origin.isPresent() ? VICTIM * own : own + GAIN * (1 - own) * callers;
    return new Finding(
        change.series().component(),
        change.series().metric(),
        score,
        evidence(change, others, origin));
  }

  /** In [0, 1): 0.5 at a change ten times as far as the series ever went. */
  private static double score(MetricChange change) {
    return change.strength() / (change.strength() + 10);
  }

  private static Predicate<MetricChange> explains(MetricChange change) {
    double least = EXPLAINS * score(change);
    return callee -> score(callee) >= least;
  }

  /** Those called by each component that stands out, itself and those that do not left out. */
  private int[][] callees(Map<String, Integer> index) {
    List<BitSet> callees = IntStream.range(0, index.size()).mapToObj(i -> new BitSet()).toList();
    for (Call call : calls.calls()) {
      Integer from = index.get(call.from());
      Integer to = index.get(call.to());
      if (from != null && to != null && !from.equals(to)) {
        callees.get(from).set(to);
      }
    }
    return callees.stream().map(c -> c.stream().toArray()).toArray(int[][]::new);
  }

  /** All that is reached from a component along calls of components that stand out, itself not. */
  private static BitSet reached(int component, int[][] callees) {
    BitSet reached = new BitSet(callees.length);
    reached.set(component);
    int[] open = new int[callees.length];
    open[0] = component;
    int size = 1;
    while (size > 0) {
      for (int callee : callees[open[--size]]) {
        if (!reached.get(callee)) {
          reached.set(callee);
          open[size++] = callee;
        }
      }
    }
    reached.clear(component);
    return reached;
  }

  private static String evidence(MetricChange change, int others, Optional<MetricChange> origin) {
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
