package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.proto.Envelope;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends envelopes along the chain: to a farther node by way of the neighbour. Thread-safe. */
final class Router implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);

  private final JobSpec job;
  private final NodeId self;
  private final Map<NodeId, LinkSender> links;
  private final Consumer<Envelope> local;
  private volatile List<NodeId> route;

  /**
   * A router over the whole chain.
   *
   * @param links by their far ends; also such to nodes that are no neighbours
   * @param local what is for this node
   */
  Router(JobSpec job, NodeId self, Map<NodeId, LinkSender> links, Consumer<Envelope> local) {
    this.job = job;
    this.self = self;
    this.links = new ConcurrentHashMap<>(links);
    route = job.nodes().stream().map(NodeSpec::id).toList();
    this.local = local;
  }

  void start() {
    links.values().forEach(LinkSender::start);
  }

  /**
   * Takes another way from now on.
   *
   * @param next nodes in use, data owner first
   * @param opened links to nodes with new addresses, in place of those to the old ones
   */
  void regroup(List<NodeId> next, Map<NodeId, LinkSender> opened) {
    opened.forEach(
        (to, link) -> {
          link.start();
          LinkSender old = links.put(to, link);
          if (old != null) {
            old.close();
          }
        });
    route = List.copyOf(next);
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

  /** Takes an envelope that has come over a link; done when there is room for more. */
  CompletionStage<Void> accept(Envelope envelope) {
    if (envelope.getTo().equals(self.value())) {
      local.accept(envelope);
      return LinkReceiver.NOW;
    }
    LinkSender onward;
    try {
      onward = towards(new NodeId(envelope.getTo()));
    } catch (IllegalArgumentException e) {
      LOG.warn("an envelope is dropped: {}", e.getMessage());
      return LinkReceiver.NOW;
    }
    if (onward.room().isClogged()) {
      LOG.debug("an envelope for {} is dropped: its link is broken and full", envelope.getTo());
      return LinkReceiver.NOW;
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
    return onward.room().free();
  }

  /** Adds what the links have measured. */
  void measure() {
    links.values().forEach(LinkSender::measure);
  }

  /** Probes the links that say nothing by themselves. */
  void probe(double idleSeconds) {
    links.forEach((to, link) -> link.probe(address(to, Envelope.newBuilder()), idleSeconds));
  }

  /** Of a node on the way; all clients are at its beginning. */
  private int position(List<NodeId> way, NodeId node) {
    return job.tier(node) == 0 && !way.isEmpty() && job.tier(way.get(0)) == 0
        ? 0
        : way.indexOf(node);
  }

  private Envelope address(NodeId to, Envelope.Builder body) {
    return body.setJob(job.id().value()).setFrom(self.value()).setTo(to.value()).build();
  }

  private LinkSender towards(NodeId to) {
    List<NodeId> way = route;
    int target = position(way, to);
    int own = position(way, self);
    if (target < 0 || own < 0 || to.equals(self) || (target == own && way.size() == 1)) {
      throw new IllegalArgumentException("node " + self + " has no way to node " + to);
    }
    NodeId hop = to;
    if (Math.abs(target - own) != 1) {
      hop = way.get(target < own ? own - 1 : own + 1); // from client to client: by way of the next
    }
    LinkSender link = links.get(hop);
    if (link == null) {
      throw new IllegalStateException("node " + self + " has no link to " + hop);
    }
    return link;
  }

  @Override
  public void close() {
    links.values().forEach(LinkSender::close);
  }
}
