package io.foresplit.runtime;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import java.util.Comparator;

/**
 * A layer, and whose state of it is meant: clients that train side by side have each their own.
 *
 * @param owner id of that client; empty for layers of which there is one state
 * @param layer index in the model
 */
public record OwnedLayer(String owner, int layer) implements Comparable<OwnedLayer> {
  private static final Comparator<OwnedLayer> ORDER =
      Comparator.<OwnedLayer, String>comparing(layer -> layer.owner())
          .thenComparingInt(OwnedLayer::layer);

  /** A layer of which there is one state. */
  public static OwnedLayer shared(int layer) {
    return new OwnedLayer("", layer);
  }

  /** A layer as a node trains it. */
  public static OwnedLayer of(JobSpec job, NodeId trainer, int layer) {
    return new OwnedLayer(owner(job, trainer), layer);
  }

  /** Whose the layers are that a node trains. */
  public static String owner(JobSpec job, NodeId trainer) {
    return job.scheme().ownLayers() && job.tier(trainer) == 0 ? trainer.value() : "";
  }

  @Override
  public int compareTo(OwnedLayer other) {
    return ORDER.compare(this, other);
  }
}
