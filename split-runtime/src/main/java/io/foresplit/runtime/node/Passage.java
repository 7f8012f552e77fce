package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Envelope;

/** By which links an envelope may come to a node. Pure. */
record Passage(JobSpec job, NodeId self) {
  /** Refuses what could not have come this way: its origin is a lie, or it would go back. */
  void require(Envelope envelope) {
    int from = job.tier(new NodeId(envelope.getFrom()));
    int sender = job.tier(new NodeId(envelope.getSender()));
    int own = job.tier(self);
    int to = job.tier(new NodeId(envelope.getTo()));
    boolean onTheWay =
        sender < own ? from <= sender && own <= to : own < sender && sender <= from && to <= own;
    // from one client to another, by way of a node after them
    boolean between =
        from == 0
            && to == 0
            && !envelope.getFrom().equals(envelope.getTo())
            && (sender == 0) != (own == 0);
    // clients share a tier: one cannot speak for another
    boolean itself = from != sender || envelope.getFrom().equals(envelope.getSender());
    if (from < 0 || to < 0 || !itself || !(onTheWay || between)) {
      throw new IllegalArgumentException(
          "an envelope from tier "
              + from
              + " to tier "
              + to
              + " does not come by way of tiers "
              + sender
              + " and "
              + own);
    }
    if (own == 0 && !envelope.getTo().equals(self.value())) {
      throw new IllegalArgumentException("a client relays nothing, was " + envelope.getTo());
    }
  }
}
