package io.foresplit.runtime.security;

import io.foresplit.runtime.security.Refusals.Kind;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.function.LongSupplier;

/**
 * Lets in as many streams and calls as {@link Quotas} has room for. A stream that has to make room
 * for another is ended. Thread-safe.
 */
final class Admission implements ServerInterceptor {
  private final Quotas quotas;
  private final Refusals refusals;
  private final LongSupplier nanoTime;

  Admission(Limits limits, Refusals refusals, LongSupplier nanoTime) {
    quotas = new Quotas(limits);
    this.refusals = refusals;
    this.nanoTime = nanoTime;
  }

  @Override
  public <Q, A> Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    boolean streams = !call.getMethodDescriptor().getType().clientSendsOneMessage();
    Endable<Q, A> endable = new Endable<>(call);
    Quotas.Verdict verdict =
        quotas.admit(Caller.of(call).account(), streams, nanoTime.getAsLong(), endable::end);
    verdict.evicted().ifPresent(Quotas.Held::end);
    if (verdict.held().isEmpty()) {
      refusals.refuse(call, Kind.LOAD, verdict.refusal());
      return new Listener<>() {};
    }
    Quotas.Held held = verdict.held().get();
    try {
      return new SimpleForwardingServerCallListener<>(next.startCall(endable, headers)) {
        @Override
        public void onMessage(Q message) {
          quotas.heard(held, nanoTime.getAsLong());
          try {
            super.onMessage(message);
          } catch (StatusRuntimeException e) {
            endable.close(e.getStatus(), new Metadata()); // the message is too large or unreadable
          }
        }

        @Override
        public void onCancel() {
          quotas.release(held);
          super.onCancel();
        }

        @Override
        public void onComplete() {
          quotas.release(held);
          super.onComplete();
        }
      };
    } catch (RuntimeException | Error e) {
      quotas.release(held);
      throw e;
    }
  }

  /** A call that may be ended by others than its handler; what the handler does then is lost. */
  private static final class Endable<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private boolean ended;

    Endable(ServerCall<Q, A> call) {
      super(call);
    }

    void end(String why) {
      close(Status.RESOURCE_EXHAUSTED.withDescription(why), new Metadata());
    }

    @Override
    public synchronized void request(int messages) {
      if (!ended) {
        super.request(messages);
      }
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!ended) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (!ended) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!ended) {
        ended = true;
        super.close(status, trailers);
      }
    }
  }
}
