package io.foresplit.bench.peer;

import io.foresplit.bench.data.ChainModel;
import io.foresplit.bench.data.StepTime;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.TierNetwork;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Cuts that do not depend on the network; each has as many parts as there are tiers. */
public enum StaticSplit implements SplitPlanner {
  /** Everything stays on the data owner. */
  OWNER_ONLY("owner-only") {
    @Override
    List<Integer> tierOfBlock(ChainModel model, int tiers) {
      return Collections.nCopies(model.blocks().layers().size(), 0);
    }
  },
  /** Each tier computes about as much, by the profile. */
  EVEN_COMPUTE("even-compute") {
    @Override
    List<Integer> tierOfBlock(ChainModel model, int tiers) {
      return even(model, tiers, Layer::seconds);
    }
  },
  /** Each tier holds about as many parameters. */
  EVEN_PARAMETERS("even-parameters") {
    @Override
    List<Integer> tierOfBlock(ChainModel model, int tiers) {
      return even(model, tiers, layer -> layer.bytes().parameters());
    }
  };

  private final String label;

  StaticSplit(String label) {
    this.label = label;
  }

  abstract List<Integer> tierOfBlock(ChainModel model, int tiers);

  @Override
  public String label() {
    return label;
  }

  @Override
  public ForModel prepare(ChainModel model) {
    return network -> model.expand(tierOfBlock(model, network.tiers().size()));
  }

  /** A block goes to the tier in whose share of the whole its middle lies. */
  private static List<Integer> even(ChainModel model, int tiers, ToDoubleFunction<Layer> weight) {
    double all = model.blocks().layers().stream().mapToDouble(weight).sum();
    double before = 0;
    List<Integer> tierOfBlock = new ArrayList<>();
    for (Layer block : model.blocks().layers()) {
      double middle = before + weight.applyAsDouble(block) / 2;
      int tier = all > 0 ? (int) Math.min(tiers - 1, middle / all * tiers) : 0;
      tierOfBlock.add(tierOfBlock.size() < model.ownerBlocks() ? 0 : tier);
      before += weight.applyAsDouble(block);
    }
    return tierOfBlock;
  }

  /**
   * The one cut of each model with the least mean of step time over that of the best cut, chosen
   * with knowledge of all networks it will be tried on: no fixed cut is better there.
   */
  public static SplitPlanner bestInHindsight(List<TierNetwork> networks) {
    return new SplitPlanner() {
      @Override
      public String label() {
        return "best-static";
      }

      @Override
      public ForModel prepare(ChainModel model) {
        List<List<Integer>> cuts = ChainCuts.of(model, networks.get(0).tiers().size());
        StepTime time = new StepTime(model.blocks());
        double[][] seconds = new double[cuts.size()][networks.size()];
        double[] least = new double[networks.size()];
        for (int n = 0; n < networks.size(); n++) {
          least[n] = Double.POSITIVE_INFINITY;
          for (int c = 0; c < cuts.size(); c++) {
            seconds[c][n] = time.seconds(networks.get(n), cuts.get(c));
            least[n] = Math.min(least[n], seconds[c][n]);
          }
        }
        List<Integer> best =
            IntStream.range(0, cuts.size())
                .boxed()
                .min(Comparator.comparingDouble(c -> meanRatio(seconds[c], least)))
                .map(cuts::get)
                .orElseThrow();
        return network -> model.expand(best);
      }
    };
  }

  private static double meanRatio(double[] seconds, double[] least) {
    return IntStream.range(0, least.length)
        .mapToDouble(n -> seconds[n] / least[n])
        .average()
        .orElse(1);
  }
}
