package io.foresplit.runtime.node;

import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.proto.AbortRequest;
import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.ActivateRequest;
import io.foresplit.runtime.proto.BeginRequest;
import io.foresplit.runtime.proto.Done;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.HoldRequest;
import io.foresplit.runtime.proto.HoldResponse;
import io.foresplit.runtime.proto.PrepareRequest;
import io.foresplit.runtime.proto.ResumeRequest;
import io.foresplit.runtime.proto.ResumeResponse;
import io.foresplit.runtime.proto.StopRequest;
import io.foresplit.runtime.proto.TrainingNodeGrpc.TrainingNodeImplBase;
import io.foresplit.runtime.proto.TransferRequest;
import io.foresplit.runtime.proto.TransferResponse;
import io.foresplit.runtime.proto.VerifyRequest;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** The gRPC shell of a node. Calls that come before the node is ready wait for it. */
final class NodeService extends TrainingNodeImplBase {
  private final CompletableFuture<NodeAgent> agent;
  private final CompletableFuture<LinkReceiver> receiver;
  private final Runnable stop;

  NodeService(CompletableFuture<NodeAgent> agent, Runnable stop) {
    this.agent = agent;
    this.stop = stop;
    receiver =
        agent.thenApply(
            ready ->
                new LinkReceiver(
                    ready.job().id().value(), ready.neighbours(), ready::fromLink));
  }

  @Override
  public StreamObserver<Envelope> exchange(StreamObserver<Ack> sender) {
    return receiver.join().open(sender);
  }

  @Override
  public void prepare(PrepareRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().prepare(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void begin(BeginRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().begin(Instant.ofEpochMilli(request.getStartMillis()));
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void hold(HoldRequest request, StreamObserver<HoldResponse> caller) {
    Rpc.answer(caller, () -> HoldResponse.newBuilder().setNextStep(agent.get().hold()).build());
  }

  @Override
  public void transfer(TransferRequest request, StreamObserver<TransferResponse> caller) {
    Rpc.answer(
        caller,
        () -> TransferResponse.newBuilder().addAllLayers(agent.get().transfer(request)).build());
  }

  @Override
  public void verify(VerifyRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().verify(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void activate(ActivateRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().activate(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void abort(AbortRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().abort(request.getAction());
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void resume(ResumeRequest request, StreamObserver<ResumeResponse> caller) {
    Rpc.answer(
        caller,
        () ->
            ResumeResponse.newBuilder()
                .setPausedMillis(agent.get().resume(request.getEpoch()))
                .build());
  }

  @Override
  public void stop(StopRequest request, StreamObserver<Done> caller) {
    Rpc.answer(caller, Done::getDefaultInstance);
    stop.run();
  }
}
