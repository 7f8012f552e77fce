package io.foresplit.runtime.node;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Probe;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sending end of a directed link: shapes what goes through it, and delivers each envelope once
 * and in order even when the stream breaks and is opened again. Pieces of layer state give way:
 * they go on the wire only when nothing else wants it, so a step waits for one piece at most.
 * Thread-safe.
 */
final class LinkSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkSender.class);
  private static final int RATE_PROBE_BYTES = 16 << 10;
  private static final int DELAY_PROBE_BYTES = 32;
  private static final long REOPEN_MILLIS = 200;

  /** Shorter times on the wire say nothing about its rate. */
  private static final double LEAST_BUSY_SECONDS = 1e-4;

  private final ComponentId link;
  private final String incarnation;
  private final Wire wire;
  private final TrainingClock clock;
  private final Pacer pacer;
  private final NodeMetrics metrics;
  private final Function<StreamObserver<Ack>, StreamObserver<Envelope>> open;
  private final Thread delivery;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Parcel> queue = new ArrayDeque<>();
  private final Deque<Parcel> unacknowledged = new ArrayDeque<>();
  private final Deque<Waiting> givingWay = new ArrayDeque<>();
  private @Nullable Acks current;
  private boolean closed;
  private long sequence;
  private double lastPayloadEnd = Double.NEGATIVE_INFINITY;
  private int probesOut;
  private final LinkRoom room = new LinkRoom();

  /**
   * A link.
   *
   * @param incarnation of this process, so that the far end tells a resent envelope from a new one
   * @param open opens a stream to the far end
   */
  LinkSender(
      ComponentId link,
      String incarnation,
      Wire wire,
      TrainingClock clock,
      Pacer pacer,
      NodeMetrics metrics,
      Function<StreamObserver<Ack>, StreamObserver<Envelope>> open) {
    this.link = link;
    this.incarnation = incarnation;
    this.wire = wire;
    this.clock = clock;
    this.pacer = pacer;
    this.metrics = metrics;
    this.open = open;
    delivery = new Thread(this::deliver, "link-" + link);
    delivery.setDaemon(true);
  }

  private record Parcel(
      Envelope envelope, Wire.Passage passage, double sent, CompletableFuture<Void> done) {}

  /** A piece of layer state that has not got the wire yet. */
  private record Waiting(Envelope envelope, double since, CompletableFuture<Void> done) {}

  void start() {
    delivery.start();
  }

  /**
   * Sends an envelope; does not block.
   *
   * @return done when the far end has acknowledged it
   */
  CompletableFuture<Void> send(Envelope envelope) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    int bytes = envelope.getSerializedSize();
    lock.lock();
    try {
      if (closed) {
        done.completeExceptionally(new IOException("link " + link + " is closed"));
        return done;
      }
      room.take(bytes);
      double now = clock.now();
      letPass(now);
      if (envelope.hasChunk()) {
        givingWay.add(new Waiting(envelope, now, done));
        letPass(now);
      } else {
        put(envelope, now, done);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return done.whenComplete((arrived, lost) -> room.give(bytes));
  }

  /** What the link holds that its far end has not acknowledged. */
  LinkRoom room() {
    return room;
  }

  /** Puts on the wire what has waited for it and would have got it by now. Holds the lock. */
  private void letPass(double now) {
    while (!givingWay.isEmpty()) {
      double start = Math.max(wire.freeAt(), givingWay.peek().since());
      if (start > now) {
        return;
      }
      Waiting first = givingWay.remove();
      put(first.envelope(), start, first.done());
    }
  }

  /** Puts an envelope on the wire. Holds the lock. */
  private void put(Envelope envelope, double now, CompletableFuture<Void> done) {
    Envelope numbered =
        envelope.toBuilder()
            .setSender(link.from().value())
            .setIncarnation(incarnation)
            .setSequence(++sequence)
            .build();
    Wire.Passage passage = wire.pass(now, numbered.getSerializedSize());
    if (!numbered.hasProbe()) {
      lastPayloadEnd = passage.end();
    }
    queue.add(new Parcel(numbered, passage, now, done));
  }

  /**
   * Probes the delay, and the rate when nothing else was on the link for a while. One probe of a
   * kind is out at a time, so a slow link does not fill with them.
   *
   * @param template an envelope to the far end, without a body
   */
  void probe(Envelope template, double idleSeconds) {
    boolean idle;
    lock.lock();
    try {
      if (probesOut > 0) {
        return;
      }
      idle = lastPayloadEnd < clock.now() - idleSeconds;
      probesOut = idle ? 2 : 1;
    } finally {
      lock.unlock();
    }
    sendProbe(template, DELAY_PROBE_BYTES);
    if (idle) {
      sendProbe(template, RATE_PROBE_BYTES);
    }
  }

  private void sendProbe(Envelope template, int bytes) {
    Probe probe = Probe.newBuilder().setPadding(ByteString.copyFrom(new byte[bytes])).build();
    CompletableFuture<Void> unused =
        send(template.toBuilder().setProbe(probe).build())
            .whenComplete(
                (v, error) -> {
                  lock.lock();
                  try {
                    probesOut--;
                  } finally {
                    lock.unlock();
                  }
                });
  }

  /** Adds what the wire's counters say of the time since the last call. */
  void measure() {
    lock.lock();
    try {
      Wire.Count count = wire.count(clock.now());
      if (current == null) {
        return; // nobody at the far end: what was sent says nothing
      }
      if (count.busySeconds() >= LEAST_BUSY_SECONDS) {
        // what is sent again takes its time and brings nothing: the rate is of what gets through
        metrics.add(link, Metric.LINK_RATE, count.usefulBytes() / count.busySeconds());
        metrics.add(link, Metric.TRANSFER_BYTES, count.bytes());
      }
    } finally {
      lock.unlock();
    }
  }

  private void deliver() {
    try {
      while (true) {
        Parcel next = next();
        if (next == null) {
          return;
        }
        pacer.until(clock.nanosAt(next.passage().arrival()));
        StreamObserver<Envelope> out;
        lock.lock();
        try {
          unacknowledged.add(next);
          out = current == null ? null : current.out;
        } finally {
          lock.unlock();
        }
        if (out != null) {
          write(out, next.envelope());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next parcel once a stream is open, or null when the link is closed. */
  private @Nullable Parcel next() throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        if (current == null
            && !(queue.isEmpty() && unacknowledged.isEmpty() && givingWay.isEmpty())) {
          reopen();
          continue;
        }
        double now = clock.now();
        letPass(now);
        Parcel parcel = queue.poll();
        if (parcel != null) {
          return parcel;
        }
        if (givingWay.isEmpty()) {
          changed.await();
        } else {
          long unused = changed.awaitNanos((long) ((wire.freeAt() - now) * 1e9) + 1);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Opens a stream and sends again what was not acknowledged. Holds the lock. */
  private void reopen() throws InterruptedException {
    Acks acks = new Acks();
    current = acks;
    acks.out = open.apply(acks);
    List<Parcel> again = new ArrayList<>(unacknowledged);
    if (!again.isEmpty()) {
      LOG.info("link {} is open again, sends {} envelopes again", link, again.size());
    }
    for (Parcel parcel : again) {
      write(acks.out, parcel.envelope());
    }
  }

  private void write(StreamObserver<Envelope> out, Envelope envelope) {
    try {
      out.onNext(envelope);
    } catch (RuntimeException e) {
      LOG.warn("link {} could not send: {}", link, e.toString());
    }
  }

  private void acknowledged(long upTo) {
    double now = clock.now();
    List<Parcel> arrived = new ArrayList<>();
    lock.lock();
    try {
      while (!unacknowledged.isEmpty() && unacknowledged.peek().envelope().getSequence() <= upTo) {
        Parcel parcel = unacknowledged.remove();
        arrived.add(parcel);
      }
    } finally {
      lock.unlock();
    }
    room.broken(false);
    for (Parcel parcel : arrived) {
      if (!parcel.envelope().hasProbe()) {
        metrics.add(link, Metric.TRANSFER_SECONDS, now - parcel.sent());
      } else if (parcel.envelope().getProbe().getPadding().size() == DELAY_PROBE_BYTES) {
        metrics.add(link, Metric.LINK_DELAY_SECONDS, parcel.passage().delay());
      }
      parcel.done().complete(null);
    }
  }

  private void broke(Acks acks, String why) {
    lock.lock();
    try {
      if (current != acks || closed) {
        return;
      }
      LOG.info("link {} broke: {}; opens again", link, why);
      // stays broken for a moment, so that a far end that is away is not asked in a tight loop
      CompletableFuture.delayedExecutor(REOPEN_MILLIS, TimeUnit.MILLISECONDS)
          .execute(() -> clear(acks));
    } finally {
      lock.unlock();
    }
    room.broken(true);
  }

  private void clear(Acks acks) {
    lock.lock();
    try {
      if (current == acks) {
        current = null;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The far end's side of one stream. */
  private final class Acks implements StreamObserver<Ack> {
    private @Nullable StreamObserver<Envelope> out;

    @Override
    public void onNext(Ack ack) {
      acknowledged(ack.getSequence());
    }

    @Override
    public void onError(Throwable error) {
      broke(this, error.getMessage() == null ? error.toString() : error.getMessage());
    }

    @Override
    public void onCompleted() {
      broke(this, "the far end has ended the stream");
    }
  }

  @Override
  public void close() {
    List<CompletableFuture<Void>> lost = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      unacknowledged.forEach(parcel -> lost.add(parcel.done()));
      queue.forEach(parcel -> lost.add(parcel.done()));
      givingWay.forEach(waiting -> lost.add(waiting.done()));
      unacknowledged.clear();
      queue.clear();
      givingWay.clear();
      if (current != null && current.out != null) {
        current.out.onCompleted();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    delivery.interrupt();
    IOException closing = new IOException("link " + link + " is closed");
    lost.forEach(done -> done.completeExceptionally(closing));
    room.close();
  }
}
