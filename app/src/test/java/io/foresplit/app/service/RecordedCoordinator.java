package io.foresplit.app.service;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.runtime.MoveReplies;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.proto.FenceRequest;
import io.foresplit.runtime.proto.FenceResponse;
import io.foresplit.runtime.proto.GetStatusRequest;
import io.foresplit.runtime.proto.GetStatusResponse;
import io.foresplit.runtime.proto.GetTopologyRequest;
import io.foresplit.runtime.proto.GetTopologyResponse;
import io.foresplit.runtime.proto.MoveReply;
import io.foresplit.runtime.proto.MoveRequest;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.foresplit.runtime.security.ServerGuard;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A coordinator that answers what the runtime in virtual time answered, under the same fences. It
 * outlives the service, as a real one does, and so knows after a crash which actions it accepted.
 * Thread-safe.
 */
final class RecordedCoordinator extends TrainingCoordinatorGrpc.TrainingCoordinatorImplBase
    implements AutoCloseable {
  private final VirtualRun run;
  private final Map<Long, SplitTopology> placements = new TreeMap<>();
  private final Map<ActionId, MoveResult> accepted = new LinkedHashMap<>();
  private final List<Long> terms = new ArrayList<>();
  private final ExecutorService calls = Executors.newCachedThreadPool();
  private final Server server;
  private long epoch;
  private long holders;
  private boolean silent;

  RecordedCoordinator(VirtualRun run) throws IOException {
    this.run = run;
    run.placements().forEach(placement -> placements.put(placement.epoch(), placement));
    server =
        Rpc.serve(
            Rpc.DEFAULT_HOST,
            0,
            new ServerGuard(
                GrpcSecurity.plaintext(), Limits.ofCoordinator(run.job()), System::nanoTime),
            calls,
            this);
  }

  String address() {
    return Rpc.DEFAULT_HOST + ":" + server.getPort();
  }

  /** From now on moves are carried out, and whoever commanded them is not told. */
  synchronized void fallSilent() {
    silent = true;
  }

  synchronized void answerAgain() {
    silent = false;
  }

  /** How many controllers have fenced off earlier ones and then read the placement. */
  synchronized long holders() {
    return holders;
  }

  /** Terms of the controllers, in the order they came. */
  synchronized List<Long> terms() {
    return List.copyOf(terms);
  }

  /** The actions that were carried out, in order. */
  synchronized List<ActionId> accepted() {
    return List.copyOf(accepted.keySet());
  }

  @Override
  public void fence(FenceRequest request, StreamObserver<FenceResponse> caller) {
    Rpc.answer(
        caller,
        () -> {
          fence(request.getTerm());
          return FenceResponse.getDefaultInstance();
        });
  }

  private synchronized void fence(long term) {
    if (term < term()) {
      throw Status.FAILED_PRECONDITION
          .withDescription("term " + term + " is below " + term())
          .asRuntimeException();
    }
    terms.add(term);
  }

  private long term() {
    return terms.isEmpty() ? -1 : terms.get(terms.size() - 1);
  }

  @Override
  public void getTopology(GetTopologyRequest request, StreamObserver<GetTopologyResponse> caller) {
    Rpc.answer(caller, this::topology);
  }

  private synchronized GetTopologyResponse topology() {
    holders = terms.size();
    return GetTopologyResponse.newBuilder()
        .setTopology(ByteString.copyFrom(Codecs.TOPOLOGY.encode(placements.get(epoch))))
        .build();
  }

  @Override
  public void move(MoveRequest request, StreamObserver<MoveReply> caller) {
    MoveReply reply = MoveReplies.encode(move(request));
    if (!isSilent()) {
      Rpc.answer(caller, () -> reply);
    }
  }

  private synchronized boolean isSilent() {
    return silent;
  }

  private synchronized MoveResult move(MoveRequest request) {
    ActionId action = new ActionId(request.getAction());
    MoveResult kept = accepted.get(action);
    if (kept != null) {
      return kept;
    }
    MoveResult answer = run.answers().get(action);
    if (answer == null || request.getEpoch() != epoch || request.getTerm() != term()) {
      return new MoveResult(
          State.REFUSED,
          epoch,
          0,
          0,
          answer == null
              ? action + " was not done in virtual time"
              : "epoch " + epoch + " and term " + term() + " are in force");
    }
    accepted.put(action, answer);
    epoch = answer.epoch();
    return answer;
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> caller) {
    Rpc.answer(caller, () -> status(new ActionId(request.getAction())));
  }

  private synchronized GetStatusResponse status(ActionId action) {
    GetStatusResponse.Builder response = GetStatusResponse.newBuilder();
    MoveResult kept = accepted.get(action);
    if (kept != null) {
      response.setResult(MoveReplies.encode(kept));
    }
    return response.build();
  }

  @Override
  public void close() {
    server.shutdownNow();
    calls.shutdownNow();
  }
}
