package io.foresplit.runtime;

import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Streams over one connection, each begun when one before it has ended, so that a few are always
 * open. With more than the server allows, gRPC's client would keep the others to itself and begin
 * the next ones only with its keep-alive, every 10 s.
 */
final class StreamsInTurns {
  private static final int OPEN = 16;

  private final ManagedChannel channel;
  private final AtomicInteger left;
  private final Consumer<ClientCall<Envelope, Ack>> begun;
  private final Consumer<Code> ended;

  StreamsInTurns(
      ManagedChannel channel,
      int calls,
      Consumer<ClientCall<Envelope, Ack>> begun,
      Consumer<Code> ended) {
    this.channel = channel;
    left = new AtomicInteger(calls);
    this.begun = begun;
    this.ended = ended;
  }

  void start() {
    for (int i = 0; i < OPEN; i++) {
      next();
    }
  }

  private void next() {
    if (left.getAndDecrement() <= 0) {
      return;
    }
    ClientCall<Envelope, Ack> call =
        channel.newCall(TrainingNodeGrpc.getExchangeMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.accept(status.getCode());
            next();
          }
        },
        new Metadata());
    begun.accept(call);
  }
}
