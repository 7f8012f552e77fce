package io.foresplit.runtime.node;

import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.Envelope;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving end of the links to this node: acknowledges each envelope, and hands each on once
 * and in the order of its link, whatever is sent again. It asks a sender for more only while few of
 * its envelopes are still being worked on and it reads its acknowledgements, so what comes in
 * faster than it is used waits at the sender. Thread-safe.
 */
final class LinkReceiver {
  /** There is room for more at once. */
  static final CompletableFuture<Void> NOW = CompletableFuture.completedFuture(null);

  /** Envelopes of one sender that may be worked on at once; pipelined steps and probes fit in. */
  static final int WINDOW = 8;

  /** Process lives of one sender that are told apart. */
  private static final int LIVES = 16;

  private static final Logger LOG = LoggerFactory.getLogger(LinkReceiver.class);

  private final String job;
  private final Set<String> senders;
  private final Handler handler;
  private final Map<String, Line> lines = new ConcurrentHashMap<>();

  /** Where envelopes go. */
  @FunctionalInterface
  interface Handler {
    /** Takes an envelope without blocking; done when it has been worked on. */
    CompletionStage<Void> accept(Envelope envelope);
  }

  /**
   * A receiver.
   *
   * @param senders who has a link to this node
   */
  LinkReceiver(String job, Set<String> senders, Handler handler) {
    this.job = job;
    this.senders = Set.copyOf(senders);
    this.handler = handler;
  }

  /** What has come from one sender. */
  private static final class Line {
    private final Deque<CompletableFuture<Void>> working = new ArrayDeque<>();

    /** Last sequence by process life, the lives heard of lately. */
    private final Map<String, Long> last =
        new LinkedHashMap<>(LIVES, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > LIVES;
          }
        };
  }

  StreamObserver<Envelope> open(StreamObserver<Ack> sender) {
    Stream stream = new Stream(sender);
    if (sender instanceof ServerCallStreamObserver<Ack> flow) {
      flow.disableAutoRequest();
      flow.setOnReadyHandler(() -> stream.proceed(flow, false));
      flow.request(1);
    }
    return stream;
  }

  private final class Stream implements StreamObserver<Envelope> {
    private final StreamObserver<Ack> sender;
    private boolean refused;
    private boolean wanting; // guarded by this

    private Stream(StreamObserver<Ack> sender) {
      this.sender = sender;
    }

    @Override
    public void onNext(Envelope envelope) {
      if (refused) {
        return;
      }
      try {
        CompletableFuture<Void> room = receive(envelope);
        sender.onNext(Ack.newBuilder().setSequence(envelope.getSequence()).build());
        if (sender instanceof ServerCallStreamObserver<Ack> flow) {
          CompletableFuture<Void> unused = room.whenComplete((done, failed) -> proceed(flow, true));
        }
      } catch (IllegalStateException | IllegalArgumentException e) {
        refused = true;
        LOG.warn("a stream is refused: {}", e.getMessage());
        sender.onError(
            Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
      }
    }

    /** Asks for the next envelope when there is room for it and the acknowledgements are read. */
    private void proceed(ServerCallStreamObserver<Ack> flow, boolean room) {
      synchronized (this) {
        wanting |= room;
        if (!wanting || !flow.isReady()) {
          return;
        }
        wanting = false;
      }
      flow.request(1);
    }

    @Override
    public void onError(Throwable error) {
      LOG.debug("a stream ended: {}", error.toString());
    }

    @Override
    public void onCompleted() {
      if (!refused) {
        sender.onCompleted();
      }
    }
  }

  /**
   * Hands an envelope on unless it has come before.
   *
   * @return done when the sender may send the next one
   */
  private CompletableFuture<Void> receive(Envelope envelope) {
    if (!envelope.getJob().equals(job)) {
      throw new IllegalArgumentException(
          "expected an envelope of job " + job + ", was '" + shown(envelope.getJob()) + "'");
    }
    if (!senders.contains(envelope.getSender())) {
      throw new IllegalArgumentException(
          "expected an envelope from one of "
              + senders
              + ", was '"
              + shown(envelope.getSender())
              + "'");
    }
    Line line = lines.computeIfAbsent(envelope.getSender(), s -> new Line());
    synchronized (line) {
      long last = line.last.getOrDefault(envelope.getIncarnation(), 0L);
      long sequence = envelope.getSequence();
      if (sequence <= last) {
        LOG.debug("envelope {} from {} came again", sequence, envelope.getSender());
        return NOW;
      }
      if (sequence != last + 1) {
        throw new IllegalStateException(
            "expected envelope "
                + (last + 1)
                + " from "
                + envelope.getSender()
                + ", was "
                + sequence);
      }
      line.last.put(envelope.getIncarnation(), sequence);
      line.working.removeIf(CompletableFuture::isDone);
      line.working.add(handler.accept(envelope).toCompletableFuture());
      return line.working.size() < WINDOW ? NOW : line.working.remove();
    }
  }

  private static String shown(String text) {
    String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.substring(0, Math.min(63, printable.length()));
  }
}
