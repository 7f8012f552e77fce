package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.link.LinkCompressions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes how links are compressed: hold steps at a boundary, make the new table durable, tell all
 * nodes, let steps go on. Before the durable write a failure leaves all as it was; after it every
 * failure is repeated until it is none, or recovery takes over. One instance a change, used by one
 * thread.
 */
final class CompressionChange implements Change {
  private static final Logger LOG = LoggerFactory.getLogger(CompressionChange.class);
  private static final Duration BACKOFF = Duration.ofMillis(200);

  private final ActionId action;
  private final long epoch;
  private final LinkCompressions next;
  private final List<NodeId> nodes;
  private final Senders senders;
  private final Job job;

  /** What it has nodes do. A failure is an {@link IOException} that names the node. */
  interface Senders {
    /** As {@link Segments#hold}. */
    long hold(ActionId action) throws IOException;

    /** Tells a node the table that holds from the next step on. May be repeated. */
    void compress(NodeId node, ActionId action, long epoch, LinkCompressions table)
        throws IOException;

    /** As {@link Segments#resume}. */
    long resume(ActionId action, long epoch) throws IOException;
  }

  /** What a change uses of its job. */
  interface Job {
    /** Makes the new table durable. Throws when the old one is still the durable one. */
    void commit(LinkCompressions next) throws IOException;

    /** As {@link MoveProtocol.Job#pause}. */
    void pause(Duration time) throws InterruptedException;

    /** As {@link MoveProtocol.Job#lost}. */
    boolean lost(NodeId node);

    /** Milliseconds of a clock. */
    long millis();
  }

  /**
   * A change about to start.
   *
   * @param epoch in force, before and after
   * @param nodes of the job that are not dead, the data owner first
   */
  CompressionChange(
      ActionId action,
      long epoch,
      LinkCompressions next,
      List<NodeId> nodes,
      Senders senders,
      Job job) {
    this.action = action;
    this.epoch = epoch;
    this.next = next;
    this.nodes = List.copyOf(nodes);
    this.senders = senders;
    this.job = job;
  }

  /** Something that may fail at a node. */
  @FunctionalInterface
  private interface Attempt {
    long run() throws IOException;
  }

  /** Runs the change to its end. */
  @Override
  public MoveResult run() throws InterruptedException {
    long began = job.millis();
    long step;
    try {
      step = senders.hold(action);
      job.commit(next);
    } catch (IOException e) {
      LOG.warn("compression {} is given up: {}", action, e.getMessage());
      return end(State.ABORTED, String.valueOf(e.getMessage()), began);
    }
    for (NodeId node : nodes) {
      long unused =
          repeat(
              node,
              () -> {
                senders.compress(node, action, epoch, next);
                return 0;
              });
    }
    return end(State.COMMITTED, "from step " + step + ": " + next.describe(), began);
  }

  private MoveResult end(State state, String detail, long began) throws InterruptedException {
    long pause = repeat(nodes.get(0), () -> senders.resume(action, epoch));
    return new MoveResult(state, epoch, pause, 0, detail, job.millis() - began);
  }

  /** Repeats until it is done, or its node is dead: recovery brings that to what is durable. */
  private long repeat(NodeId node, Attempt attempt) throws InterruptedException {
    while (true) {
      try {
        return attempt.run();
      } catch (IOException e) {
        if (job.lost(node)) {
          LOG.warn("compression {} without node {}: {}", action, node, e.getMessage());
          return 0;
        }
        LOG.warn("compression {}, again: {}", action, e.getMessage());
        job.pause(BACKOFF);
      }
    }
  }
}
