package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.tensor.LayerState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts replicas of other nodes together and keeps them once they are whole. Refuses what this node
 * may not hold, what is larger than any state of the layer, and what comes from before the last
 * recovery. Thread-safe.
 */
final class IncomingReplicas {
  private static final Logger LOG = LoggerFactory.getLogger(IncomingReplicas.class);

  /** Parameters and two moments, and as much again for what a state has besides. */
  private static final int STATE_FACTOR = 4;

  private static final int STATE_EXTRA_BYTES = 64 << 10;

  private final JobSpec job;
  private final ReplicationSpec spec;
  private final NodeId self;
  private final ReplicaStore store;
  private final Map<OwnedLayer, Partial> partial = new HashMap<>();
  private long leastEpoch;

  /** The newest replica of a layer that is not whole yet. */
  private record Partial(String sender, long epoch, long step, ChunkAssembly assembly) {}

  IncomingReplicas(JobSpec job, ReplicationSpec spec, NodeId self, ReplicaStore store) {
    this.job = job;
    this.spec = spec;
    this.self = self;
    this.store = store;
  }

  /**
   * Takes a chunk.
   *
   * @param sender the node whose layer it is
   */
  synchronized void accept(String sender, StateChunk chunk) {
    int layer = chunk.getLayer();
    if (layer < 0
        || layer >= job.layers().size()
        || !spec.mayHold(job, layer, new NodeId(sender), self)) {
      LOG.warn(
          "a replica of layer {} from {} is refused: node {} may not hold it", layer, sender, self);
      return;
    }
    OwnedLayer owned = OwnedLayer.of(job, new NodeId(sender), layer);
    Partial now = partial.get(owned);
    if (chunk.getEpoch() < leastEpoch || (now != null && older(chunk, now))) {
      return;
    }
    if (now == null
        || !now.sender().equals(sender)
        || now.epoch() != chunk.getEpoch()
        || now.step() != chunk.getStep()) {
      now = new Partial(sender, chunk.getEpoch(), chunk.getStep(), new ChunkAssembly());
      partial.put(owned, now);
    }
    int unused = now.assembly().add(chunk);
    long limit = STATE_FACTOR * job.layers().get(layer).parameterBytes() + STATE_EXTRA_BYTES;
    if (now.assembly().bytes() > limit || !now.assembly().damage().isEmpty()) {
      LOG.warn(
          "a replica of layer {} from {} is dropped: {}",
          layer,
          sender,
          now.assembly().damage().isEmpty()
              ? "more than " + limit + " bytes"
              : now.assembly().damage());
      partial.remove(owned);
      return;
    }
    Optional<byte[]> whole = now.assembly().whole();
    if (whole.isPresent()) {
      partial.remove(owned);
      keep(sender, owned, chunk.getStep(), whole.get());
    }
  }

  private static boolean older(StateChunk chunk, Partial than) {
    return chunk.getEpoch() < than.epoch()
        || (chunk.getEpoch() == than.epoch() && chunk.getStep() < than.step());
  }

  private void keep(String sender, OwnedLayer layer, long step, byte[] encoded) {
    try {
      LayerState state = LayerState.decode(encoded);
      if (state.layer() != layer.layer()) {
        throw new IllegalArgumentException("it holds layer " + state.layer());
      }
      store.keep(step, layer.owner(), List.of(state));
    } catch (IllegalArgumentException e) {
      LOG.warn(
          "a replica of layer {} from {} is dropped: {}", layer.layer(), sender, e.getMessage());
    }
  }

  /** A recovery put this epoch in force: replicas of earlier ones come too late. */
  synchronized void restartAt(long epoch) {
    leastEpoch = Math.max(leastEpoch, epoch);
    partial.clear();
  }
}
