package io.foresplit.runtime;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.coordinator.MovePolicy;
import io.foresplit.runtime.data.DrawnDataset;
import io.foresplit.runtime.node.TensorComputes;
import io.foresplit.runtime.tensor.LayerDefinition.Dense;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.SampleShape;
import java.time.Duration;
import java.util.List;

/** Three layers with real tensors over three nodes; the middle one has 10 MB of parameters. */
final class WideModel {
  static final ModelDefinition MODEL =
      new ModelDefinition(
          "wide",
          List.of(
              new Dense("fc1", SampleShape.of(784), 1600, true),
              new Dense("fc2", SampleShape.of(1600), 1640, true),
              new Dense("fc3", SampleShape.of(1640), 10, false)));

  static final Optimiser SGD = new Optimiser.SgdMomentum(0.01, 0.9);
  static final Optimiser ADAM = new Optimiser.Adam(1e-3, 0.9, 0.999, 1e-8);

  /** The middle layer on the edge, and on the cloud. */
  static final Placement ON_EDGE = Placement.ofCuts(Cluster.CHAIN, 3, List.of(1, 2));

  static final Placement ON_CLOUD = Placement.ofCuts(Cluster.CHAIN, 3, List.of(1, 1));

  private static final int BATCH = 16;

  /** A speed of nodes at which real time counts. */
  static final double FAST = 20;

  /** A speed of nodes at which a busy machine has time left for replay. */
  static final double PACED = 4;

  private WideModel() {}

  /**
   * A cluster of it.
   *
   * @param speed of each node, in 1e9 operations a second
   * @param bytesPerSecond of each link, each way
   * @param delaySeconds of each link, one way
   */
  static Cluster.Setup setup(
      Optimiser optimiser,
      MovePolicy policy,
      double speed,
      double bytesPerSecond,
      double delaySeconds) {
    JobSpec job =
        new JobSpec(
            Cluster.JOB,
            MODEL.name(),
            BATCH,
            Duration.ofMillis(500),
            MODEL.profile(BATCH),
            Cluster.CHAIN.stream().map(node -> new NodeSpec(node, speed)).toList(),
            List.of(
                new LinkSpec(Cluster.DEVICE, Cluster.EDGE, bytesPerSecond, delaySeconds),
                new LinkSpec(Cluster.EDGE, Cluster.DEVICE, bytesPerSecond, delaySeconds),
                new LinkSpec(Cluster.EDGE, Cluster.CLOUD, bytesPerSecond, delaySeconds),
                new LinkSpec(Cluster.CLOUD, Cluster.EDGE, bytesPerSecond, delaySeconds)),
            Cluster.DEVICE,
            List.of(Cluster.CLOUD),
            1,
            List.of());
    return new Cluster.Setup(
        job,
        ON_EDGE,
        optimiser,
        policy,
        Duration.ofMinutes(1),
        node -> TensorComputes.of(MODEL),
        (spec, path, seed) -> new DrawnDataset(seed, 2_000),
        options -> options);
  }
}
