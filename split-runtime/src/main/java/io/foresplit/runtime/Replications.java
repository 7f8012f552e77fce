package io.foresplit.runtime;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.runtime.proto.Replication;
import java.util.Optional;

/** How layers outlive their node, in messages. */
public final class Replications {
  private Replications() {}

  public static Replication encode(ReplicationSpec spec) {
    Replication.Builder message =
        Replication.newBuilder()
            .setEverySteps(spec.everySteps())
            .setNeighbour(spec.neighbour())
            .addAllOwnerLayersOn(spec.ownerLayersOn().stream().map(NodeId::value).toList())
            .setOwnerLayersInFolder(spec.ownerLayersInFolder());
    spec.folder().ifPresent(message::setFolder);
    return message.build();
  }

  /** Throws {@link IllegalArgumentException} when it is not one. */
  public static ReplicationSpec decode(Replication message) {
    return new ReplicationSpec(
        message.getEverySteps(),
        message.getNeighbour(),
        message.hasFolder() ? Optional.of(message.getFolder()) : Optional.empty(),
        message.getOwnerLayersOnList().stream().map(NodeId::new).toList(),
        message.getOwnerLayersInFolder());
  }
}
