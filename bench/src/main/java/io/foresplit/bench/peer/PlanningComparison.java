package io.foresplit.bench.peer;

import io.foresplit.bench.data.ChainModel;
import io.foresplit.bench.data.StepTime;
import io.foresplit.bench.peer.SplitPlanner.ForModel;
import io.foresplit.runtime.plan.TierNetwork;
import io.foresplit.runtime.plan.TierNetwork.Link;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.apache.commons.math3.stat.StatUtils;

/**
 * Planners on models and random networks of three tiers: predicted seconds of a step over those of
 * the best cut of the chain, which brute force finds.
 */
public final class PlanningComparison {
  /** Device, edge and cloud. */
  static final int TIERS = 3;

  private final List<ChainModel> models;
  private final List<StepTime> times;
  private final List<TierNetwork> networks;
  private final LongSupplier nanoTime;
  private final double[][] best;
  private final Outcome bruteForce;

  public PlanningComparison(
      List<ChainModel> models, List<TierNetwork> networks, LongSupplier nanoTime) {
    this.models = List.copyOf(models);
    times = models.stream().map(m -> new StepTime(m.graph())).toList();
    this.networks = List.copyOf(networks);
    this.nanoTime = nanoTime;
    best = new double[models.size()][networks.size()];
    for (double[] row : best) {
      Arrays.fill(row, Double.NaN);
    }
    bruteForce = of(new ChainCuts.BruteForce(TIERS));
  }

  /** What trying every cut of the chain costs; its ratios are 1. */
  public Outcome bruteForce() {
    return bruteForce;
  }

  /**
   * What a planner reached over all models and networks.
   *
   * @param ratioMedian step time over the best cut's; below 1 where a cut through branches is
   *     better than any of the chain
   * @param ratioWorst largest
   * @param best share of plans as good as the best cut, or better
   * @param prepareMillis wall time of what a planner does once a model, median over models
   * @param planMillis wall time of a plan, median
   * @param planMillisWorst longest
   */
  public record Outcome(
      String planner,
      double ratioMedian,
      double ratioWorst,
      double best,
      double prepareMillis,
      double planMillis,
      double planMillisWorst) {}

  /** One planner on all models and networks. */
  public Outcome of(SplitPlanner planner) {
    double[] ratios = new double[models.size() * networks.size()];
    double[] planMillis = new double[ratios.length];
    double[] prepareMillis = new double[models.size()];
    int optimal = 0;
    for (int m = 0; m < models.size(); m++) {
      long begun = nanoTime.getAsLong();
      ForModel prepared = planner.prepare(models.get(m));
      prepareMillis[m] = (nanoTime.getAsLong() - begun) / 1e6;
      for (int n = 0; n < networks.size(); n++) {
        int i = m * networks.size() + n;
        long start = nanoTime.getAsLong();
        List<Integer> tiers = prepared.tierOfLayer(networks.get(n));
        planMillis[i] = (nanoTime.getAsLong() - start) / 1e6;
        double seconds = times.get(m).seconds(networks.get(n), tiers);
        if (Double.isNaN(best[m][n])) {
          best[m][n] = seconds; // brute force comes first
        }
        ratios[i] = seconds / best[m][n];
        if (ratios[i] <= 1 + 1e-9) {
          optimal++;
        }
      }
    }
    return new Outcome(
        planner.label(),
        StatUtils.percentile(ratios, 50),
        StatUtils.max(ratios),
        (double) optimal / ratios.length,
        StatUtils.percentile(prepareMillis, 50),
        StatUtils.percentile(planMillis, 50),
        StatUtils.max(planMillis));
  }

  /**
   * Device, edge and cloud, with all logarithms drawn evenly: speeds 0.002 to 0.05, 0.05 to 0.5 and
   * 0.5 to 2 of the profiled GPU's, rates of 10 Mbit/s to 10 Gbit/s in each direction of each link
   * by itself, round trips of 1 to 100 ms.
   */
  public static List<TierNetwork> networks(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<TierNetwork> networks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      networks.add(
          new TierNetwork(
              List.of(
                  Tier.ofSpeed("device", logUniform(random, 0.002, 0.05)),
                  Tier.ofSpeed("edge", logUniform(random, 0.05, 0.5)),
                  Tier.ofSpeed("cloud", logUniform(random, 0.5, 2))),
              List.of(link(random), link(random))));
    }
    return networks;
  }

  private static Link link(SplittableRandom random) {
    return new Link(
        logUniform(random, 1.25e6, 1.25e9),
        logUniform(random, 1.25e6, 1.25e9),
        logUniform(random, 1e-3, 0.1));
  }

  private static double logUniform(SplittableRandom random, double low, double high) {
    return low * Math.pow(high / low, random.nextDouble());
  }
}
