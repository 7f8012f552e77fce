package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.proto.Envelope;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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
   * @return done when the neighbour has it
   */
  CompletableFuture<Void> send(NodeId to, Envelope.Builder body) {
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
    links.values().forEach(LinkSender::measure);
  }

  /** Probes the links that say nothing by themselves. */
  void probe(double idleSeconds) {
    links.forEach((to, link) -> link.probe(address(to, Envelope.newBuilder()), idleSeconds));
  }

  private Envelope address(NodeId to, Envelope.Builder body) {
    return body.setJob(job.id().value()).setFrom(self.value()).setTo(to.value()).build();
  }

  private LinkSender towards(NodeId to) {
    List<NodeId> way = route;
    int target = way.indexOf(to);
    int own = way.indexOf(self);
    if (target < 0 || own < 0 || target == own) {
      throw new IllegalArgumentException("node " + self + " has no way to node " + to);
    }
    NodeId hop = way.get(target > own ? own + 1 : own - 1);
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
