package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Envelope;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends envelopes along the chain: to a farther node by way of the neighbour. Thread-safe. */
final class Router implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);

  private final JobSpec job;
  private final NodeId self;
  private final Map<NodeId, LinkSender> neighbours;
  private final Consumer<Envelope> local;

  /**
   * A router.
   *
   * @param local what is for this node
   */
  Router(JobSpec job, NodeId self, Map<NodeId, LinkSender> neighbours, Consumer<Envelope> local) {
    this.job = job;
    this.self = self;
    this.neighbours = Map.copyOf(neighbours);
    this.local = local;
  }

  void start() {
    neighbours.values().forEach(LinkSender::start);
  }

  /**
   * Sends a body that this node has made.
   *
   * @return done when the neighbour has it, or this node if it is for itself
   */
  CompletableFuture<Void> send(NodeId to, Envelope.Builder body) {
    if (to.equals(self)) {
      local.accept(address(to, body));
      return CompletableFuture.completedFuture(null);
    }
    return towards(to).send(address(to, body));
  }

  /** Takes an envelope that has come over a link. */
  void accept(Envelope envelope) {
    if (envelope.getTo().equals(self.value())) {
      local.accept(envelope);
      return;
    }
    LinkSender onward;
    try {
      onward = towards(new NodeId(envelope.getTo()));
    } catch (IllegalArgumentException e) {
      LOG.warn("an envelope is dropped: {}", e.getMessage());
      return;
    }
    CompletableFuture<Void> unused =
        onward
            .send(envelope)
            .whenComplete(
                (v, error) -> {
                  if (error != null) {
                    LOG.warn(
                        "an envelope for {} was not relayed: {}",
                        envelope.getTo(),
                        error.toString());
                  }
                });
  }

  /** Adds what the links have measured. */
  void measure() {
    neighbours.values().forEach(LinkSender::measure);
  }

  /** Probes the links that say nothing by themselves. */
  void probe(double idleSeconds) {
    neighbours.forEach((to, link) -> link.probe(address(to, Envelope.newBuilder()), idleSeconds));
  }

  private Envelope address(NodeId to, Envelope.Builder body) {
    return body.setJob(job.id().value()).setFrom(self.value()).setTo(to.value()).build();
  }

  private LinkSender towards(NodeId to) {
    int target = job.tier(to);
    int own = job.tier(self);
    boolean betweenClients = target == 0 && own == 0 && !to.equals(self) && job.nodes().size() > 1;
    if (target < 0 || (target == own && !betweenClients)) {
      throw new IllegalArgumentException("node " + self + " has no way to node " + to);
    }
    NodeId hop =
        own == 1 && target == 0
            ? to
            : job.nodes().get(target > own || betweenClients ? own + 1 : own - 1).id();
    LinkSender link = neighbours.get(hop);
    if (link == null) {
      throw new IllegalStateException("node " + self + " has no link to " + hop);
    }
    return link;
  }

  @Override
  public void close() {
    neighbours.values().forEach(LinkSender::close);
  }
}
