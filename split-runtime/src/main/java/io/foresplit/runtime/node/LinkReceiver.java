package io.foresplit.runtime.node;

import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.Envelope;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving end of the links to this node: acknowledges each envelope, and hands each on once
 * and in the order of its link, whatever is sent again. Thread-safe.
 */
final class LinkReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(LinkReceiver.class);

  private final String job;
  private final Consumer<Envelope> accept;
  private final Map<String, Line> lines = new ConcurrentHashMap<>();

  LinkReceiver(String job, Consumer<Envelope> accept) {
    this.job = job;
    this.accept = accept;
  }

  /** What has come from one sender. */
  private static final class Line {
    private String incarnation = "";
    private long last;
  }

  StreamObserver<Envelope> open(StreamObserver<Ack> sender) {
    return new StreamObserver<>() {
      private boolean refused;

      @Override
      public void onNext(Envelope envelope) {
        if (refused) {
          return;
        }
        try {
          receive(envelope);
          sender.onNext(Ack.newBuilder().setSequence(envelope.getSequence()).build());
        } catch (IllegalStateException | IllegalArgumentException e) {
          refused = true;
          LOG.warn("a stream is refused: {}", e.getMessage());
          sender.onError(
              Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
        }
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
    };
  }

  /** Hands an envelope on unless it has come before. */
  private void receive(Envelope envelope) {
    if (!envelope.getJob().equals(job)) {
      throw new IllegalArgumentException(
          "expected an envelope of job " + job + ", was '" + envelope.getJob() + "'");
    }
    Line line = lines.computeIfAbsent(envelope.getSender(), s -> new Line());
    synchronized (line) {
      if (!line.incarnation.equals(envelope.getIncarnation())) {
        line.incarnation = envelope.getIncarnation();
        line.last = 0;
      }
      long sequence = envelope.getSequence();
      if (sequence <= line.last) {
        LOG.debug("envelope {} from {} came again", sequence, envelope.getSender());
        return;
      }
      if (sequence != line.last + 1) {
        throw new IllegalStateException(
            "expected envelope "
                + (line.last + 1)
                + " from "
                + envelope.getSender()
                + ", was "
                + sequence);
      }
      line.last = sequence;
      accept.accept(envelope);
    }
  }
}
