package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.link.LinkCompressions;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes how links are compressed: hold steps at a boundary, make the new table durable, tell all
 * nodes, let steps go on. Before the durable write a failure leaves all as it was; after it every
 * failure is repeated until it is none. One instance a change, used by one thread.
 */
final class CompressionChange implements Change {
  private static final Logger LOG = LoggerFactory.getLogger(CompressionChange.class);

  private final ActionId action;
  private final long epoch;
  private final LinkCompressions next;
  private final List<NodeId> nodes;
  private final Senders senders;
  private final Journal journal;
  private final MoveProtocol.Backoff backoff;

  /** What it has nodes do. A failure is an {@link IOException} that names the node. */
  interface Senders {
    /** As {@link Segments#hold}. */
    long hold(ActionId action) throws IOException;

    /** Tells a node the table that holds from the next step on. May be repeated. */
    void compress(NodeId node, ActionId action, long epoch, LinkCompressions table)
        throws IOException;

    /** As {@link Segments#resume}. */
    long resume(long epoch) throws IOException;
  }

  /** Makes the new table durable. */
  @FunctionalInterface
  interface Journal {
    /** Throws when the old table is still the durable one. */
    void commit(ActionId action, LinkCompressions next) throws IOException;
  }

  /**
   * A change about to start.
   *
   * @param epoch in force, before and after
   * @param nodes all nodes of the job
   */
  CompressionChange(
      ActionId action,
      long epoch,
      LinkCompressions next,
      List<NodeId> nodes,
      Senders senders,
      Journal journal,
      MoveProtocol.Backoff backoff) {
    this.action = action;
    this.epoch = epoch;
    this.next = next;
    this.nodes = List.copyOf(nodes);
    this.senders = senders;
    this.journal = journal;
    this.backoff = backoff;
  }

  /** Something that may fail at a node. */
  @FunctionalInterface
  private interface Attempt {
    long run() throws IOException;
  }

  /** Runs the change to its end. */
  @Override
  public MoveResult run() throws InterruptedException {
    long step;
    try {
      step = senders.hold(action);
      journal.commit(action, next);
    } catch (IOException e) {
      LOG.warn("compression {} is given up: {}", action, e.getMessage());
      long pause = repeat(() -> senders.resume(epoch));
      return new MoveResult(State.ABORTED, epoch, pause, 0, String.valueOf(e.getMessage()));
    }
    for (NodeId node : nodes) {
      long unused =
          repeat(
              () -> {
                senders.compress(node, action, epoch, next);
                return 0;
              });
    }
    long pause = repeat(() -> senders.resume(epoch));
    return new MoveResult(
        State.COMMITTED, epoch, pause, 0, "from step " + step + ": " + next.describe());
  }

  private long repeat(Attempt attempt) throws InterruptedException {
    while (true) {
      try {
        return attempt.run();
      } catch (IOException e) {
        LOG.warn("compression {}, again: {}", action, e.getMessage());
        backoff.pause();
      }
    }
  }
}
