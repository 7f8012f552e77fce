package io.foresplit.runtime.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;

/**
 * Blocks of layers that can be planned as one vertex without losing the optimum: METHODS 2.3, in
 * the spirit of the block-wise algorithm of arXiv 2507.01041.
 *
 * <p>A block lies between one layer p, all of whose consumers are members, and one exit q, the only
 * member whose output leaves the block; only p and members feed members. It is contracted when
 *
 * <ol>
 *   <li>no cut through the block crosses fewer bytes than p's output, neither of activations nor of
 *       gradients. This depends on the model alone and is found here, by minimum cuts.
 *   <li>each member may be on every tier beyond the first it may be on, and costs nowhere more on a
 *       farther tier. This is checked for each plan, in {@link #contract}, with the exchange of
 *       parameters and the share of a move in the costs.
 * </ol>
 *
 * <p>Proof that no optimum is lost. Take any placement and put all members where q is. Members come
 * before q, so each goes farther or stays, which 2 allows and which makes no compute dearer. No
 * layer is then nearer than what it takes: p was before q already, and what takes q's output is
 * where it was. Transfers of q's output and of layers outside, other than p, are as they were. On a
 * link j between p and q, the members on tiers to j form with p one side of a cut: when no member
 * is on that side, p's output crossed before as it does now; otherwise by 1 the crossing outputs
 * had at least as many bytes each way as p's, and were at least one tensor, so that a round trip
 * for each costs no less than p's one. Other links carry nothing of the block, before or after. So
 * the price did not grow, and a least placement exists in which the block is one vertex. It remains
 * so after the next contraction, for an exit keeps its own output and tier. The argument needs one
 * sum of costs: blocks are not used for memory limits or pipelines. Immutable.
 */
final class LayerBlocks {
  /** A larger block saves nothing that several do not. */
  private static final int MAX_MEMBERS = 256;

  private final ModelGraph model;
  private final List<List<Integer>> consumers;
  private final MinimumCut solver;

  /** Members of each block in order, the exit last; only blocks of two and more. */
  private final List<List<Integer>> blocks = new ArrayList<>();

  LayerBlocks(ModelGraph model, List<List<Integer>> consumers, MinimumCut solver) {
    this.model = model;
    this.consumers = consumers;
    this.solver = solver;
    int[] exits = commonExits();
    int p = 0;
    while (p < model.layers().size()) {
      List<Integer> largest = List.of();
      for (int q = exits[p]; q < model.layers().size(); q = exits[q]) {
        List<Integer> members = between(p, q);
        if (members.isEmpty() || !cheapestAtItsInput(p, members)) {
          break;
        }
        largest = members;
      }
      if (largest.size() > 1) {
        blocks.add(largest);
        p = largest.get(largest.size() - 1);
      } else {
        p++;
      }
    }
  }

  /** The blocks found, each in order of its layers. */
  List<List<Integer>> blocks() {
    return Collections.unmodifiableList(blocks);
  }

  /** The nearest layer that every way from a layer to the end goes through, or the layer count. */
  private int[] commonExits() {
    int n = model.layers().size();
    int[] exit = new int[n + 1];
    exit[n] = n;
    for (int v = n - 1; v >= 0; v--) {
      int common = consumers.get(v).isEmpty() ? n : consumers.get(v).get(0);
      for (int consumer : consumers.get(v)) {
        int other = consumer;
        while (common != other) {
          if (common < other) {
            common = exit[common];
          } else {
            other = exit[other];
          }
        }
      }
      exit[v] = common;
    }
    return exit;
  }

  /** Layers on ways from p to q, without p; empty when one has an input from elsewhere. */
  private List<Integer> between(int p, int q) {
    TreeSet<Integer> members = new TreeSet<>();
    Deque<Integer> open = new ArrayDeque<>(consumers.get(p));
    while (!open.isEmpty()) {
      int v = open.pop();
      if (members.add(v) && v != q) {
        open.addAll(consumers.get(v));
      }
    }
    boolean closed =
        members.stream()
            .allMatch(
                v ->
                    model.layers().get(v).inputs().stream()
                        .allMatch(input -> input == p || members.contains(input)));
    return closed && members.size() <= MAX_MEMBERS ? List.copyOf(members) : List.of();
  }

  private boolean cheapestAtItsInput(int p, List<Integer> members) {
    LayerBytes input = model.layers().get(p).bytes();
    double[] outputs = new double[members.size() + 1];
    double[] gradients = new double[members.size() + 1];
    for (int i = 0; i <= members.size(); i++) {
      LayerBytes bytes = i == 0 ? input : model.layers().get(members.get(i - 1)).bytes();
      outputs[i] = bytes.output();
      gradients[i] = bytes.gradient();
    }
    return leastInside(p, members, outputs) >= input.output()
        && (Arrays.equals(outputs, gradients)
            || leastInside(p, members, gradients) >= input.gradient());
  }

  /**
   * The least that crosses a cut through the block, by minimum cuts in which p and one entry are
   * near and the exit is far. Numbered: p is 0, members follow.
   */
  private double leastInside(int p, List<Integer> members, double[] size) {
    int n = size.length;
    List<List<Integer>> inside = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int layer = i == 0 ? p : members.get(i - 1);
      inside.add(
          i == n - 1
              ? List.of()
              : consumers.get(layer).stream().map(c -> members.indexOf(c) + 1).toList());
    }
    double least = Double.POSITIVE_INFINITY;
    for (int entry : inside.get(0)) {
      boolean first = model.layers().get(members.get(entry - 1)).inputs().equals(List.of(p));
      if (!first || entry == n - 1) {
        continue;
      }
      int[] allowed = new int[n];
      Arrays.fill(allowed, 0b11);
      allowed[0] = 0b01;
      allowed[entry] = 0b01;
      allowed[n - 1] = 0b10;
      MinimumCut.Problem problem =
          new MinimumCut.Problem(new double[2][n], new double[][] {size}, allowed, inside);
      least = Math.min(least, problem.price(solver.solve(problem)));
    }
    return least;
  }

  /**
   * A smaller problem with the same optimum.
   *
   * @param vertexOfLayer which vertex each layer has become part of
   */
  @SuppressWarnings("ArrayRecordComponent") // internal, handed over and not changed
  record Contracted(MinimumCut.Problem problem, int[] vertexOfLayer) {
    int[] expand(int[] tierOfVertex) {
      return Arrays.stream(vertexOfLayer).map(vertex -> tierOfVertex[vertex]).toArray();
    }
  }

  /** Makes one vertex of each block whose members are nowhere slower on a farther tier. */
  Contracted contract(MinimumCut.Problem whole) {
    int n = whole.vertices();
    int[] exitOf = new int[n];
    Arrays.setAll(exitOf, v -> v);
    for (List<Integer> block : blocks) {
      if (block.stream().allMatch(v -> fallsWithTier(whole, v))) {
        block.forEach(v -> exitOf[v] = block.get(block.size() - 1));
      }
    }
    int[] vertexOf = new int[n];
    int count = 0;
    for (int v = 0; v < n; v++) {
      if (exitOf[v] == v) {
        vertexOf[v] = count++;
      }
    }
    for (int v = 0; v < n; v++) {
      vertexOf[v] = vertexOf[exitOf[v]];
    }
    double[][] unary = new double[whole.tiers()][count];
    double[][] transfer = new double[whole.tiers() - 1][count];
    int[] allowed = new int[count];
    Arrays.fill(allowed, -1);
    List<List<Integer>> next = new ArrayList<>(Collections.nCopies(count, List.of()));
    for (int v = 0; v < n; v++) {
      int vertex = vertexOf[v];
      allowed[vertex] &= whole.allowed()[v];
      for (int k = 0; k < whole.tiers(); k++) {
        unary[k][vertex] += whole.unary()[k][v];
        if (exitOf[v] == v && k + 1 < whole.tiers()) {
          transfer[k][vertex] = whole.transfer()[k][v];
        }
      }
      if (exitOf[v] == v) {
        next.set(
            vertex, whole.consumers().get(v).stream().map(c -> vertexOf[c]).distinct().toList());
      }
    }
    return new Contracted(new MinimumCut.Problem(unary, transfer, allowed, next), vertexOf);
  }

  /** On the tiers where it may be, which must reach to the last, and nowhere slower farther out. */
  private static boolean fallsWithTier(MinimumCut.Problem whole, int layer) {
    int allowed = whole.allowed()[layer];
    for (int k = 1; k < whole.tiers(); k++) {
      boolean before = ((allowed >> (k - 1)) & 1) != 0;
      boolean here = ((allowed >> k) & 1) != 0;
      if (before && (!here || whole.unary()[k][layer] > whole.unary()[k - 1][layer])) {
        return false;
      }
    }
    return true;
  }
}
