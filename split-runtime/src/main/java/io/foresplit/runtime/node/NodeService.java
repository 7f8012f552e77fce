package io.foresplit.runtime.node;

import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.proto.AbortRequest;
import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.ActivateRequest;
import io.foresplit.runtime.proto.BeginRequest;
import io.foresplit.runtime.proto.CancelRequest;
import io.foresplit.runtime.proto.CheckRequest;
import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.proto.CopyRequest;
import io.foresplit.runtime.proto.CopyResponse;
import io.foresplit.runtime.proto.DigestRequest;
import io.foresplit.runtime.proto.Done;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.ExpectRequest;
import io.foresplit.runtime.proto.HaltRequest;
import io.foresplit.runtime.proto.HaltResponse;
import io.foresplit.runtime.proto.HoldRequest;
import io.foresplit.runtime.proto.HoldResponse;
import io.foresplit.runtime.proto.ObserveRequest;
import io.foresplit.runtime.proto.PrepareRequest;
import io.foresplit.runtime.proto.ProvideRequest;
import io.foresplit.runtime.proto.RegroupRequest;
import io.foresplit.runtime.proto.RestoreRequest;
import io.foresplit.runtime.proto.ResumeRequest;
import io.foresplit.runtime.proto.ResumeResponse;
import io.foresplit.runtime.proto.StopRequest;
import io.foresplit.runtime.proto.TrainingNodeGrpc.TrainingNodeImplBase;
import io.foresplit.runtime.proto.TransferRequest;
import io.foresplit.runtime.proto.TransferResponse;
import io.foresplit.runtime.proto.VerifyRequest;
import io.grpc.stub.StreamObserver;
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
        agent.thenApply(ready -> new LinkReceiver(ready.job().id().value(), ready::fromLink));
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
          agent.get().begin(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void hold(HoldRequest request, StreamObserver<HoldResponse> caller) {
    Rpc.answer(
        caller, () -> HoldResponse.newBuilder().setNextStep(agent.get().hold(request)).build());
  }

  @Override
  public void expect(ExpectRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().moves().expect(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void copy(CopyRequest request, StreamObserver<CopyResponse> caller) {
    Rpc.answer(caller, () -> agent.get().moves().copy(request));
  }

  @Override
  public void observe(ObserveRequest request, StreamObserver<CopyProgress> caller) {
    Rpc.answer(caller, () -> agent.get().moves().observe(request));
  }

  @Override
  public void digest(DigestRequest request, StreamObserver<TransferResponse> caller) {
    Rpc.answer(caller, () -> agent.get().moves().digest(request));
  }

  @Override
  public void cancel(CancelRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().moves().cancel(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void transfer(TransferRequest request, StreamObserver<TransferResponse> caller) {
    Rpc.answer(
        caller,
        () ->
            TransferResponse.newBuilder()
                .addAllLayers(agent.get().moves().transfer(request))
                .build());
  }

  @Override
  public void verify(VerifyRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().moves().verify(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void activate(ActivateRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().moves().activate(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void abort(AbortRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().moves().abort(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void resume(ResumeRequest request, StreamObserver<ResumeResponse> caller) {
    Rpc.answer(
        caller,
        () -> ResumeResponse.newBuilder().setPausedMillis(agent.get().resume(request)).build());
  }

  @Override
  public void halt(HaltRequest request, StreamObserver<HaltResponse> caller) {
    Rpc.answer(caller, () -> agent.get().recovery().halt(request));
  }

  @Override
  public void regroup(RegroupRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().recovery().regroup(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void provide(ProvideRequest request, StreamObserver<TransferResponse> caller) {
    Rpc.answer(
        caller,
        () ->
            TransferResponse.newBuilder()
                .addAllLayers(agent.get().recovery().provide(request))
                .build());
  }

  @Override
  public void check(CheckRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().recovery().check(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void restore(RestoreRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          agent.get().recovery().restore(request);
          return Done.getDefaultInstance();
        });
  }

  @Override
  public void stop(StopRequest request, StreamObserver<Done> caller) {
    Rpc.answer(
        caller,
        () -> {
          if (agent.isDone()) {
            agent.get().stop(request);
          }
          stop.run();
          return Done.getDefaultInstance();
        });
  }
}
