package io.foresplit.forecaster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Which forecasters of a panel a series is forecast with, and in which shares: the few with the
 * least recent quantile loss, weighted by a power of its inverse (combination by past performance,
 * Bates and Granger 1969). Losses are forgotten exponentially. One that is not in the mix must be
 * clearly better than one that is, to take its place. Until enough is known, the first forecaster
 * is used alone; then the loss of one that is trusted less counts for more, by a factor that fades
 * as truths become known. Mutable, not thread-safe.
 */
final class ForecasterSelector {
  private static final double MEMORY = 0.05;

  /** Truths known before the first forecaster gets company. */
  private static final int LEAST_JUDGED = 4;

  /** Truths that weigh as much as the trust there was before any. */
  private static final double TRUST_JUDGED = 4;

  private static final int MOST_MEMBERS = 4;

  /** A challenger must have less than this share of the loss it replaces. */
  private static final double TAKE_OVER = 0.85;

  private static final double POWER = 4;

  /** Weights below this share of the greatest are left out. */
  private static final double LEAST_SHARE = 0.1;

  private static final double NO_LOSS = 1e-12;

  /** Larger ones count as this, a number of single precision. */
  private static final double MOST_LOSS = 1e30;

  private final float[][] losses;
  private final int[] judged;
  private final boolean[] members;

  /**
   * @param lags number of distances ahead at which forecasters are judged; each counts the same
   */
  ForecasterSelector(int forecasters, int lags) {
    losses = new float[lags][forecasters];
    judged = new int[lags];
    members = new boolean[forecasters];
    members[0] = true;
  }

  /**
   * A truth became known.
   *
   * @param lag number of the distance ahead, from 0
   * @param loss of each forecaster on it
   * @param trust in each forecaster, as in {@link #mix}
   */
  void learn(int lag, double[] loss, double[] trust) {
    judged[lag] = Math.min(judged[lag] + 1, Short.MAX_VALUE);
    double weight = Math.max(MEMORY, 1.0 / judged[lag]);
    for (int i = 0; i < loss.length; i++) {
      losses[lag][i] += (float) (weight * (Math.min(loss[i], MOST_LOSS) - losses[lag][i]));
    }
    if (Arrays.stream(judged).max().orElse(0) >= LEAST_JUDGED) {
      renew(scores(trust));
    }
  }

  /** Takes in the best while there is room, then those clearly better than the worst within. */
  private void renew(double[] scores) {
    while (true) {
      int best = -1;
      int worst = -1;
      int count = 0;
      for (int i = 0; i < scores.length; i++) {
        if (members[i]) {
          count++;
          worst = worst < 0 || scores[i] > scores[worst] ? i : worst;
        } else {
          best = best < 0 || scores[i] < scores[best] ? i : best;
        }
      }
      boolean room = count < MOST_MEMBERS;
      if (best < 0 || !(room || scores[best] < TAKE_OVER * scores[worst])) {
        return;
      }
      members[best] = true;
      members[worst] &= room;
    }
  }

  /**
   * Sum over the lags of each forecaster's loss over that of the best, and of what trust is left.
   */
  private double[] scores(double[] trust) {
    double most = Arrays.stream(trust).max().orElse(1);
    double[] scores = new double[members.length];
    for (int lag = 0; lag < losses.length; lag++) {
      if (judged[lag] > 0) {
        double least = Double.POSITIVE_INFINITY;
        for (double loss : losses[lag]) {
          least = Math.min(least, loss);
        }
        double left = TRUST_JUDGED / (TRUST_JUDGED + judged[lag]);
        for (int i = 0; i < scores.length; i++) {
          double ratio = (losses[lag][i] + NO_LOSS) / (least + NO_LOSS);
          scores[i] += ratio * Math.pow(most / trust[i], left);
        }
      }
    }
    return scores;
  }

  /**
   * The shares of the forecasters as of now.
   *
   * @param trust one a forecaster, positive: the loss of one trusted half as much as another is
   *     taken to be twice as great while nothing is known
   */
  Mix mix(double[] trust) {
    double[] scores = scores(trust);
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < scores.length; i++) {
      least = members[i] ? Math.min(least, scores[i]) : least;
    }
    double[] weights = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      double weight = !members[i] ? 0 : least == 0 ? 1 : Math.pow(least / scores[i], POWER);
      weights[i] = weight < LEAST_SHARE ? 0 : weight;
      sum += weights[i];
    }
    double total = sum;
    Arrays.setAll(weights, i -> weights[i] / total);
    return new Mix(weights);
  }

  void writeTo(DataOutput out) throws IOException {
    for (int lag = 0; lag < losses.length; lag++) {
      out.writeShort(judged[lag]);
      for (float loss : losses[lag]) {
        out.writeFloat(loss);
      }
    }
    for (boolean member : members) {
      out.writeBoolean(member);
    }
  }

  void readFrom(DataInput in) throws IOException {
    for (int lag = 0; lag < losses.length; lag++) {
      judged[lag] = in.readShort();
      for (int i = 0; i < losses[lag].length; i++) {
        losses[lag][i] = in.readFloat();
      }
    }
    for (int i = 0; i < members.length; i++) {
      members[i] = in.readBoolean();
    }
  }
}
