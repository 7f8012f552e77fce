package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.runtime.node.NodeMetrics;
import io.foresplit.runtime.node.Wire;
import java.util.function.BooleanSupplier;

/** One directed link as its sender sees it. Not thread-safe. */
final class SimulatedLink {
  /** Addresses, numbers and framing of a message. */
  private static final int ENVELOPE_BYTES = 96;

  private static final int RATE_PROBE_BYTES = 16 << 10;
  private static final int DELAY_PROBE_BYTES = 32;

  /** Shorter times on the wire say nothing about its rate. */
  private static final double LEAST_BUSY_SECONDS = 1e-4;

  private final ComponentId id;
  private final World.Link world;
  private final World.Node from;
  private final World.Node to;
  private final Wire wire;
  private final Agenda agenda;
  private final NodeMetrics metrics;
  private double lastPayloadEnd = Double.NEGATIVE_INFINITY;
  private int probesOut;

  SimulatedLink(
      LinkSpec spec,
      LinkSpec back,
      World world,
      World.Node from,
      World.Node to,
      Agenda agenda,
      NodeMetrics metrics) {
    id = spec.id();
    this.world = world.new Link(spec);
    this.from = from;
    this.to = to;
    this.agenda = agenda;
    this.metrics = metrics;
    World.Link reverse = world.new Link(back);
    wire =
        new Wire(
            this.world::bytesPerSecond,
            this.world::delaySeconds,
            (message, sent, bytes, delay) ->
                this.world.setback(sent, bytes, delay + reverse.delaySeconds(sent)));
  }

  /**
   * Sends a message, as soon as both ends are there.
   *
   * @param last whether it is for the far end, which decodes it, and not to be relayed
   * @param wanted whether it still is; a message that waits is dropped when it no longer is
   */
  void send(long bytes, boolean last, BooleanSupplier wanted, Runnable arrived) {
    double now = agenda.now();
    double ready = from.presentFrom(to.presentFrom(now));
    if (ready > now) {
      agenda.at(ready, () -> sendIfWanted(bytes, last, wanted, arrived));
      return;
    }
    Wire.Passage passage = wire.pass(now, bytes + ENVELOPE_BYTES);
    lastPayloadEnd = passage.end();
    double there = passage.arrival() + world.hopSeconds(now);
    agenda.at(
        last ? there + world.codingSeconds(bytes, now) : there,
        () -> {
          metrics.add(id, Metric.TRANSFER_SECONDS, there - now);
          arrived.run();
        });
  }

  private void sendIfWanted(long bytes, boolean last, BooleanSupplier wanted, Runnable arrived) {
    if (wanted.getAsBoolean()) {
      send(bytes, last, wanted, arrived);
    }
  }

  /** Probes the delay, and the rate when the link was idle, one probe of a kind at a time. */
  void probe(double idleSeconds) {
    if (probesOut > 0 || isBroken()) {
      return;
    }
    boolean idle = lastPayloadEnd < agenda.now() - idleSeconds;
    sendProbe(DELAY_PROBE_BYTES, true);
    if (idle) {
      sendProbe(RATE_PROBE_BYTES, false);
    }
  }

  private void sendProbe(int bytes, boolean ofDelay) {
    probesOut++;
    Wire.Passage passage = wire.pass(agenda.now(), bytes + ENVELOPE_BYTES);
    agenda.at(
        passage.arrival(),
        () -> {
          probesOut--;
          if (ofDelay) {
            metrics.add(id, Metric.LINK_DELAY_SECONDS, passage.delay());
          }
        });
  }

  /** Adds what the wire's counters say of the time since the last call. */
  void measure() {
    Wire.Count count = wire.count(agenda.now());
    if (!isBroken() && count.busySeconds() >= LEAST_BUSY_SECONDS) {
      metrics.add(id, Metric.LINK_RATE, count.usefulBytes() / count.busySeconds());
      metrics.add(id, Metric.TRANSFER_BYTES, count.bytes());
    }
  }

  private boolean isBroken() {
    double now = agenda.now();
    return from.presentFrom(now) > now || to.presentFrom(now) > now;
  }
}
