package io.foresplit.contract.jobfile;

import io.foresplit.contract.LayerProfile;
import java.util.List;

/** The port to the models that a runtime can train. Implementations are thread-safe. */
@FunctionalInterface
public interface ModelProfiles {
  /**
   * What each layer of a model costs for one mini-batch, in layer order.
   *
   * @throws IllegalArgumentException when there is no such model; the message names those there are
   */
  List<LayerProfile> profile(String model, int batchSize);
}
