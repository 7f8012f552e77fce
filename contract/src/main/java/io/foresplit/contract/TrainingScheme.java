package io.foresplit.contract;

import java.time.Duration;
import java.util.List;

/**
 * Who takes part in a step, and what becomes of the layers that clients hold (docs/training.md).
 *
 * @param microBatches parts into which a client's batch is divided, each a pass of its own
 * @param peers clients besides the data owner, each with its own shard of the data and its own copy
 *     of the data owner's layers
 * @param sharding how the data is divided among the clients
 * @param turnSteps sequential: steps of one client before the next has its turn; else 0
 * @param averageEvery steps after which the clients' layers are averaged; 0 for never
 * @param quorum clients that a step needs before it may go on without the others; 0 for all
 * @param stragglerTimeout how long a step with its quorum waits for the others
 * @param tailLayers u-shaped: layers at the end that each client holds, with the loss; else 0
 */
public record TrainingScheme(
    Mode mode,
    int microBatches,
    List<NodeSpec> peers,
    Sharding sharding,
    int turnSteps,
    int averageEvery,
    int quorum,
    Duration stragglerTimeout,
    int tailLayers) {
  /** Algorithms. */
  public enum Mode {
    /** One client, one chain. */
    CHAIN,
    /** Vanilla split learning: clients take turns and hand their layers on. */
    SEQUENTIAL,
    /** Parallel split learning: all clients in each step, each with its own layers. */
    PARALLEL,
    /** As parallel, and the clients' layers are averaged from time to time. */
    SPLIT_FEDERATED,
    /** As parallel, and the last layers and the labels stay with each client. */
    U_SHAPED
  }

  /** How samples are dealt to clients. */
  public enum Sharding {
    /** A seeded shuffle in equal parts. */
    IID,
    /** Sorted by label, then in equal parts: each client sees few classes. */
    BY_LABEL
  }

  public TrainingScheme {
    peers = List.copyOf(peers);
    require(microBatches >= 1, "microBatches must be at least 1, was " + microBatches);
    int clients = peers.size() + 1;
    require(
        clients == 1 || mode != Mode.CHAIN,
        "several clients need a mode: sequential, parallel, split-federated or u-shaped");
    require(
        mode == Mode.SEQUENTIAL ? turnSteps >= 1 : turnSteps == 0,
        "turnSteps must be at least 1 in mode sequential and absent in others, was " + turnSteps);
    require(
        switch (mode) {
          case SPLIT_FEDERATED -> averageEvery >= 1;
          case U_SHAPED -> averageEvery >= 0;
          case CHAIN, SEQUENTIAL, PARALLEL -> averageEvery == 0;
        },
        "averageEvery must be at least 1 in mode split-federated, may be given in mode u-shaped and is"
            + " absent in others, was "
            + averageEvery);
    require(
        mode == Mode.U_SHAPED ? tailLayers >= 1 : tailLayers == 0,
        "tailLayers must be at least 1 in mode u-shaped and absent in others, was " + tailLayers);
    require(
        quorum >= 0 && quorum <= clients,
        "quorum must be between 1 and the " + clients + " clients, was " + quorum);
    if (quorum > 0 && quorum < clients) {
      require(
          mode != Mode.SEQUENTIAL, "quorum is not for mode sequential: one client is in a step");
      require(microBatches == 1, "quorum needs microBatches 1, was " + microBatches);
      require(
          !stragglerTimeout.isNegative() && !stragglerTimeout.isZero(),
          "stragglerTimeout must be positive when there is a quorum");
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** One client and one batch a step. */
  public static TrainingScheme chain() {
    return chain(1);
  }

  /** One client whose batches are divided. */
  public static TrainingScheme chain(int microBatches) {
    return new TrainingScheme(
        Mode.CHAIN, microBatches, List.of(), Sharding.IID, 0, 0, 0, Duration.ZERO, 0);
  }

  /** Whether a step is one pass along a chain that does not return. */
  public boolean isPlain() {
    return mode == Mode.CHAIN && microBatches == 1;
  }

  /** Whether a step may go on without some clients. */
  public boolean leavesStragglers() {
    return quorum > 0 && quorum <= peers.size();
  }

  /**
   * Whether the layers of clients cannot be moved: each has its own, or holds them at both ends.
   */
  public boolean pinsClients() {
    return mode != Mode.CHAIN;
  }

  /** Whether each client has a state of its layers that is no other's. */
  public boolean ownLayers() {
    return pinsClients() && mode != Mode.SEQUENTIAL;
  }

  /** Sequential: which of the clients has its turn in a step, from 0; 0 in other modes. */
  public int turn(long step) {
    return mode == Mode.SEQUENTIAL ? (int) (step / turnSteps % (peers.size() + 1)) : 0;
  }

  /** The same for those clients besides the data owner that are there. */
  TrainingScheme withPeers(List<NodeSpec> present) {
    return new TrainingScheme(
        mode,
        microBatches,
        present,
        sharding,
        turnSteps,
        averageEvery,
        Math.min(quorum, present.size() + 1),
        stragglerTimeout,
        tailLayers);
  }
}
