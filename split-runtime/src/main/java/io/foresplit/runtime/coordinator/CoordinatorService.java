package io.foresplit.runtime.coordinator;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.runtime.Compressions;
import io.foresplit.runtime.MoveReplies;
import io.foresplit.runtime.Optimisers;
import io.foresplit.runtime.Replications;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.BeatRequest;
import io.foresplit.runtime.proto.BeatResponse;
import io.foresplit.runtime.proto.FenceRequest;
import io.foresplit.runtime.proto.FenceResponse;
import io.foresplit.runtime.proto.GetProgressRequest;
import io.foresplit.runtime.proto.GetProgressResponse;
import io.foresplit.runtime.proto.GetStatusRequest;
import io.foresplit.runtime.proto.GetStatusResponse;
import io.foresplit.runtime.proto.GetTopologyRequest;
import io.foresplit.runtime.proto.GetTopologyResponse;
import io.foresplit.runtime.proto.LinkCompression;
import io.foresplit.runtime.proto.MoveReply;
import io.foresplit.runtime.proto.MoveRequest;
import io.foresplit.runtime.proto.RegisterRequest;
import io.foresplit.runtime.proto.RegisterResponse;
import io.foresplit.runtime.proto.SetCompressionRequest;
import io.foresplit.runtime.proto.ShutdownRequest;
import io.foresplit.runtime.proto.ShutdownResponse;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc.TrainingCoordinatorImplBase;
import io.grpc.stub.StreamObserver;
import java.time.Instant;

/** The gRPC shell of the coordinator. */
final class CoordinatorService extends TrainingCoordinatorImplBase {
  private final JobController controller;
  private final Runnable shutdown;

  CoordinatorService(JobController controller, Runnable shutdown) {
    this.controller = controller;
    this.shutdown = shutdown;
  }

  @Override
  public void getTopology(GetTopologyRequest request, StreamObserver<GetTopologyResponse> caller) {
    Rpc.answer(
        caller,
        () -> {
          if (!request.getJob().isEmpty()) {
            requireJob(request.getJob());
          }
          return GetTopologyResponse.newBuilder()
              .setTopology(encoded(controller.state().topology()))
              .setDeclared(encoded(controller.declared()))
              .build();
        });
  }

  @Override
  public void fence(FenceRequest request, StreamObserver<FenceResponse> caller) {
    Rpc.answer(
        caller,
        () -> {
          requireJob(request.getJob());
          controller.actions().fence(request.getTerm());
          return FenceResponse.getDefaultInstance();
        });
  }

  @Override
  public void move(MoveRequest request, StreamObserver<MoveReply> caller) {
    Rpc.answer(
        caller,
        () -> {
          requireJob(request.getJob());
          return MoveReplies.encode(
              controller
                  .actions()
                  .move(
                      new ActionId(request.getAction()),
                      request.getTerm(),
                      request.getEpoch(),
                      new Placement(request.getTargetList().stream().map(NodeId::new).toList())));
        });
  }

  @Override
  public void setCompression(SetCompressionRequest request, StreamObserver<MoveReply> caller) {
    Rpc.answer(
        caller,
        () -> {
          requireJob(request.getJob());
          LinkCompression link = request.getLink();
          return MoveReplies.encode(
              controller
                  .actions()
                  .setCompression(
                      new ActionId(request.getAction()),
                      request.getTerm(),
                      request.getEpoch(),
                      LinkCompressions.between(
                          controller.options().job(),
                          new NodeId(link.getFrom()),
                          new NodeId(link.getTo())),
                      Compressions.compression(link)));
        });
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> caller) {
    Rpc.answer(
        caller,
        () -> {
          requireJob(request.getJob());
          GetStatusResponse.Builder response = GetStatusResponse.newBuilder();
          controller
              .actions()
              .status(new ActionId(request.getAction()))
              .ifPresent(result -> response.setResult(MoveReplies.encode(result)));
          return response.build();
        });
  }

  @Override
  public void getProgress(GetProgressRequest request, StreamObserver<GetProgressResponse> caller) {
    Rpc.answer(
        caller,
        () -> {
          requireJob(request.getJob());
          CoordinatorState state = controller.state();
          ProgressLog log = controller.progress();
          return GetProgressResponse.newBuilder()
              .setSteps(log.nextStep())
              .setEpoch(state.topology().epoch())
              .setTerm(state.term())
              .setStartedMillis(state.started().map(Instant::toEpochMilli).orElse(0L))
              .setFirstStepMillis(log.firstStepMillis())
              .setStepsPerSecond(log.stepsPerSecond())
              .setCompression(Compressions.encode(state.compression()))
              .addAllLog(log.since(request.getSinceStep(), request.getLimit()))
              .setStatus(controller.condition())
              .addAllRecoveries(controller.history())
              .addAllRegistered(controller.registered().stream().map(NodeId::value).toList())
              .build();
        });
  }

  @Override
  public void shutdown(ShutdownRequest request, StreamObserver<ShutdownResponse> caller) {
    Rpc.answer(
        caller,
        () -> {
          requireJob(request.getJob());
          controller.stopNodes();
          shutdown.run();
          return ShutdownResponse.getDefaultInstance();
        });
  }

  @Override
  public void register(RegisterRequest request, StreamObserver<RegisterResponse> caller) {
    Rpc.answer(
        caller,
        () -> {
          CoordinatorState state =
              controller.register(
                  new NodeId(request.getNode()),
                  request.getAddress(),
                  request.getIncarnation(),
                  request.getBegun(),
                  request.getHalted());
          RegisterResponse.Builder response =
              RegisterResponse.newBuilder()
                  .setDeclared(encoded(controller.declared()))
                  .setOptimiser(Optimisers.encode(state.optimiser()))
                  .setSeed(state.seed())
                  .setBeatMillis((int) controller.options().heartbeat().toMillis());
          controller
              .options()
              .replication()
              .ifPresent(spec -> response.setReplication(Replications.encode(spec)));
          return response.build();
        });
  }

  @Override
  public void beat(BeatRequest request, StreamObserver<BeatResponse> caller) {
    Rpc.answer(
        caller,
        () -> {
          boolean known =
              controller.beat(
                  new NodeId(request.getNode()), request.getIncarnation(), request.getHeldList());
          NodeId owner = controller.state().topology().job().dataOwner();
          if (known && request.getNode().equals(owner.value())) {
            controller.progress().add(request.getLogSince(), request.getLogList());
          }
          return BeatResponse.newBuilder()
              .setKnown(known)
              .setNextStep(controller.progress().nextStep())
              .setRecoveryPoint(controller.recoveryPoint())
              .build();
        });
  }

  private static ByteString encoded(SplitTopology topology) {
    return ByteString.copyFrom(Codecs.TOPOLOGY.encode(topology));
  }

  private void requireJob(String job) {
    String own = controller.state().topology().jobId().value();
    if (!job.equals(own)) {
      throw new IllegalArgumentException(
          "this coordinator has job " + own + ", asked was '" + job + "'");
    }
  }
}
