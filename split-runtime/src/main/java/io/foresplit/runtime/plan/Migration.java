package io.foresplit.runtime.plan;

import java.util.Map;

/**
 * What it costs to leave the present placement: the state of each layer that moves, once over each
 * link on its way, and a fixed pause when any moves, spread over the steps until the next plan.
 *
 * @param tierOfLayer tier name by layer name, for every layer of the model
 * @param horizonSteps steps over which a move must pay
 * @param fixedSeconds holding, verifying and activating, whatever is moved
 */
public record Migration(Map<String, String> tierOfLayer, long horizonSteps, double fixedSeconds) {
  public Migration {
    tierOfLayer = Map.copyOf(tierOfLayer);
    if (horizonSteps < 1) {
      throw new IllegalArgumentException("horizon must be at least 1 step, was " + horizonSteps);
    }
    if (!(fixedSeconds >= 0 && fixedSeconds <= 3600)) {
      throw new IllegalArgumentException(
          "fixed seconds of a move must be 0 to 3600, was " + fixedSeconds);
    }
  }
}
