package io.foresplit.diagnoser;

import io.foresplit.diagnoser.CallGraph.Call;
import io.foresplit.diagnoser.MetricDiagnosis.Finding;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Tells origins from victims over a call graph. How likely a component is the origin grows with its
 * own change and with the changes of its callers that it explains: those who call it along
 * components that stand out, and of them what callers share, such as latency and errors (derived;
 * graph traversal as in Hardt et al. 2023, "The PetShop Dataset"). A component whose callee is not
 * much weaker than itself so falls behind it. Without a graph the strongest change leads.
 *
 * <p>Takes components times calls steps.
 */
final class Origins {
  /** What a change of a caller tells for a callee, over what it tells for itself. */
  private static final double EXPLAINED = 0.6;

  /** How fast belief grows with the logarithm of strength. */
  private static final double SHARPNESS = 1.5;

  /** At which strength none at all is as likely, where somebody says that something is wrong. */
  static final double NONE = 0.5;

  /** The same, where the metrics say that something is: what stands out at all. */
  static final double NONE_IF_FELT = 0;

  /** The same, where nobody complains: about 30 times as far as usual. */
  static final double NONE_IF_NOT_FELT = 3;

  private final CallGraph calls;
  private final double none;

  /**
   * Over a call graph.
   *
   * @param none the logarithm of strength at which a lone origin is as likely as none at all
   */
  Origins(CallGraph calls, double none) {
    this.none = none;
    this.calls = calls;
  }

  /**
   * Findings, the likeliest origin first, of components that stand out; none when it is likelier
   * that none of them is the origin than that the likeliest is.
   */
  List<Finding> rank(List<ComponentChange> changes) {
    int size = changes.size();
    int[][] callees = callees(changes);
    double[] support = changes.stream().mapToDouble(c -> logarithm(c.strength())).toArray();
    double[] explained = new double[size];
    int[] callers = new int[size];
    int[] origins = new int[size];
    for (int i = 0; i < size; i++) {
      origins[i] = -1;
      double shared = EXPLAINED * logarithm(changes.get(i).shared());
      BitSet reached = reached(i, callees);
      for (int callee = reached.nextSetBit(0);
          callee >= 0;
          callee = reached.nextSetBit(callee + 1)) {
        explained[callee] += shared;
        callers[callee]++;
        if (support[callee] + shared > support[i]
            && (origins[i] < 0 || support[callee] > support[origins[i]])) {
          origins[i] = callee;
        }
      }
    }
    double[] belief = new double[size];
    double most = none;
    for (int i = 0; i < size; i++) {
      belief[i] = support[i] + explained[i];
      most = Math.max(most, belief[i]);
    }
    double sum = Math.exp(SHARPNESS * (none - most));
    for (int i = 0; i < size; i++) {
      belief[i] = Math.exp(SHARPNESS * (belief[i] - most));
      sum += belief[i];
    }
    if (Arrays.stream(belief).max().orElse(0) <= Math.exp(SHARPNESS * (none - most))) {
      return List.of();
    }
    double all = sum;
    return IntStream.range(0, size)
        .mapToObj(
            i -> {
              Optional<ComponentChange> origin =
                  origins[i] < 0 ? Optional.empty() : Optional.of(changes.get(origins[i]));
              ComponentChange change = changes.get(i);
              return new Finding(
                  change.name(),
                  change.leading().series().metric(),
                  belief[i] / all,
                  evidence(change, origin, callers[i]));
            })
        .sorted(Comparator.comparingDouble(Finding::score).reversed())
        .toList();
  }

  /** Over what just stands out; 0 below. */
  private static double logarithm(double strength) {
    return Math.log(Math.max(1, strength / MetricChange.LEAST_STRENGTH));
  }

  /** Those called by each component that stands out, itself and those that do not left out. */
  private int[][] callees(List<ComponentChange> changes) {
    Map<String, Integer> index = new HashMap<>();
    changes.forEach(c -> index.put(c.name(), index.size()));
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

  private static String evidence(
      ComponentChange component, Optional<ComponentChange> origin, int callers) {
    MetricChange change = component.leading();
    int others = component.others();
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
        origin
            .map(c -> "; may follow from its callee " + c.name())
            .orElse(
                callers == 0
                    ? ""
                    : "; " + (callers == 1 ? "1 caller" : callers + " callers") + " changed too"));
  }
}
