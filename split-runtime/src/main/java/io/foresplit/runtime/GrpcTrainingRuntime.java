package io.foresplit.runtime;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.FenceRequest;
import io.foresplit.runtime.proto.GetProgressRequest;
import io.foresplit.runtime.proto.GetProgressResponse;
import io.foresplit.runtime.proto.GetStatusRequest;
import io.foresplit.runtime.proto.GetStatusResponse;
import io.foresplit.runtime.proto.GetTopologyRequest;
import io.foresplit.runtime.proto.MoveRequest;
import io.foresplit.runtime.proto.SetCompressionRequest;
import io.foresplit.runtime.proto.ShutdownRequest;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc.TrainingCoordinatorBlockingStub;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The coordinator of a job, from afar. Thread-safe. */
public final class GrpcTrainingRuntime implements TrainingRuntime, AutoCloseable {
  private static final Duration CALL = Duration.ofSeconds(10);
  private static final Duration MOVE = Duration.ofMinutes(10);
  private static final int LOG_LIMIT = 10_000;

  private final String address;
  private final ManagedChannel channel;
  private final TrainingCoordinatorBlockingStub stub;

  /**
   * Connects when first used.
   *
   * @param address of the coordinator, {@code host:port}
   */
  public GrpcTrainingRuntime(String address) {
    this(address, GrpcSecurity.plaintext());
  }

  /**
   * Connects when first used.
   *
   * @param address of the coordinator, {@code host:port}
   * @param security its certificate, if any, must be for {@link GrpcSecurity#CONTROLLER}
   */
  public GrpcTrainingRuntime(String address, GrpcSecurity security) {
    this.address = address;
    channel = Rpc.connect(address, Limits.ANSWER_BYTES, security, GrpcSecurity.COORDINATOR);
    stub = TrainingCoordinatorGrpc.newBlockingStub(channel);
  }

  @Override
  public SplitTopology topology(JobId job) throws IOException {
    return topology(job.value());
  }

  /** The topology of the one job of the coordinator, whatever its name. */
  public SplitTopology topology() throws IOException {
    return topology("");
  }

  private SplitTopology topology(String job) throws IOException {
    GetTopologyRequest request = GetTopologyRequest.newBuilder().setJob(job).build();
    byte[] bytes = call(() -> within(CALL).getTopology(request)).getTopology().toByteArray();
    try {
      return Codecs.TOPOLOGY.decode(bytes);
    } catch (MalformedRecordException e) {
      throw new IOException("coordinator " + address + " sent a topology: " + e.getMessage(), e);
    }
  }

  @Override
  public void fence(JobId job, long term) throws IOException {
    FenceRequest request = FenceRequest.newBuilder().setJob(job.value()).setTerm(term).build();
    call(() -> within(CALL).fence(request));
  }

  @Override
  public MoveResult move(JobId job, ActionId action, long term, long epoch, Placement target)
      throws IOException {
    MoveRequest request =
        MoveRequest.newBuilder()
            .setJob(job.value())
            .setAction(action.value())
            .setTerm(term)
            .setEpoch(epoch)
            .addAllTarget(target.nodeOfLayer().stream().map(NodeId::value).toList())
            .build();
    return MoveReplies.decode(call(() -> within(MOVE).move(request)));
  }

  /**
   * Compresses what crosses a link otherwise, in both directions, from a step boundary on; fenced
   * as a move is, and answered the same, but the epoch stays. Blocks until it is in force or given
   * up.
   *
   * @param one end of the link
   * @param other end of the link
   * @param compression empty for none
   */
  public MoveResult setCompression(
      JobId job,
      ActionId action,
      long term,
      long epoch,
      NodeId one,
      NodeId other,
      Optional<Compression> compression)
      throws IOException {
    SetCompressionRequest request =
        SetCompressionRequest.newBuilder()
            .setJob(job.value())
            .setAction(action.value())
            .setTerm(term)
            .setEpoch(epoch)
            .setLink(Compressions.encode(one, other, compression))
            .build();
    return MoveReplies.decode(call(() -> within(MOVE).setCompression(request)));
  }

  /** The highest term of a controller so far: a command of a lower one is refused. */
  public long term(JobId job) throws IOException {
    GetProgressRequest request =
        GetProgressRequest.newBuilder().setJob(job.value()).setSinceStep(Long.MAX_VALUE).build();
    return call(() -> within(CALL).getProgress(request)).getTerm();
  }

  /** How links are compressed. */
  public LinkCompressions compressions(JobId job) throws IOException {
    GetProgressRequest request =
        GetProgressRequest.newBuilder().setJob(job.value()).setSinceStep(Long.MAX_VALUE).build();
    try {
      return Compressions.decode(call(() -> within(CALL).getProgress(request)).getCompression());
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "coordinator " + address + " sent compressions of links: " + e.getMessage(), e);
    }
  }

  @Override
  public Optional<MoveResult> status(JobId job, ActionId action) throws IOException {
    GetStatusRequest request =
        GetStatusRequest.newBuilder().setJob(job.value()).setAction(action.value()).build();
    GetStatusResponse response = call(() -> within(CALL).getStatus(request));
    return response.hasResult()
        ? Optional.of(MoveReplies.decode(response.getResult()))
        : Optional.empty();
  }

  /**
   * How far training is.
   *
   * @param sinceStep first step whose loss is wanted
   */
  public TrainingProgress progress(JobId job, long sinceStep) throws IOException {
    GetProgressRequest request =
        GetProgressRequest.newBuilder()
            .setJob(job.value())
            .setSinceStep(sinceStep)
            .setLimit(LOG_LIMIT)
            .build();
    GetProgressResponse response = call(() -> within(CALL).getProgress(request));
    return new TrainingProgress(
        response.getSteps(),
        response.getEpoch(),
        instant(response.getStartedMillis()),
        instant(response.getFirstStepMillis()),
        response.getStepsPerSecond(),
        response.getLogList().stream()
            .map(
                s ->
                    new TrainingProgress.Step(
                        s.getStep(),
                        s.getEpoch(),
                        s.getLoss(),
                        s.getSeconds(),
                        Instant.ofEpochMilli(s.getFinishedMillis()),
                        s.getLate(),
                        s.getModelBytes()))
            .toList(),
        response.getRegisteredList(),
        response.getStatus(),
        response.getRecoveriesList().stream()
            .map(
                r ->
                    new TrainingProgress.Recovery(
                        r.getEpoch(),
                        r.getStep(),
                        r.getLost(),
                        r.getSilentSeconds(),
                        r.getSeconds()))
            .toList());
  }

  /** Ends the training and every process of it, in order. */
  public void shutdown(JobId job) throws IOException {
    ShutdownRequest request = ShutdownRequest.newBuilder().setJob(job.value()).build();
    call(() -> within(CALL).shutdown(request));
  }

  @Override
  public void close() {
    Rpc.close(channel);
  }

  private TrainingCoordinatorBlockingStub within(Duration limit) {
    return stub.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private <T> T call(Supplier<T> call) throws IOException {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      String what =
          e.getStatus().getCode() == Status.Code.UNAVAILABLE
              ? "coordinator " + address + " cannot be reached (start it, or correct the address): "
              : "coordinator " + address + ": ";
      throw new IOException(what + Rpc.describe(e), e);
    }
  }

  private static Optional<Instant> instant(long millis) {
    return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }
}
