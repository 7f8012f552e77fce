package io.foresplit.runtime.coordinator;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.runtime.Compressions;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.AbortRequest;
import io.foresplit.runtime.proto.ActivateRequest;
import io.foresplit.runtime.proto.BeginRequest;
import io.foresplit.runtime.proto.CancelRequest;
import io.foresplit.runtime.proto.CompressRequest;
import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.proto.CopyRequest;
import io.foresplit.runtime.proto.DigestRequest;
import io.foresplit.runtime.proto.Done;
import io.foresplit.runtime.proto.ExpectRequest;
import io.foresplit.runtime.proto.Fence;
import io.foresplit.runtime.proto.HoldRequest;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.LayerRange;
import io.foresplit.runtime.proto.NodeAddress;
import io.foresplit.runtime.proto.ObserveRequest;
import io.foresplit.runtime.proto.PrepareRequest;
import io.foresplit.runtime.proto.ResumeRequest;
import io.foresplit.runtime.proto.StopRequest;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.foresplit.runtime.proto.TrainingNodeGrpc.TrainingNodeBlockingStub;
import io.foresplit.runtime.proto.TransferRequest;
import io.foresplit.runtime.proto.TransferResponse;
import io.foresplit.runtime.proto.VerifyRequest;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The nodes of a job, over gRPC. Thread-safe. */
final class NodeClients implements Segments, CompressionChange.Senders, AutoCloseable {
  private static final Duration SHORT = Duration.ofSeconds(5);

  private final Duration stageTimeout;
  private final GrpcSecurity security;
  private final Map<NodeId, Client> clients = new ConcurrentHashMap<>();
  private volatile Fence fence = Fence.getDefaultInstance();
  private volatile NodeId driver;

  /**
   * No nodes yet.
   *
   * @param driver of steps: the data owner
   * @param stageTimeout how long a hold, transfer or verification may take
   */
  NodeClients(NodeId driver, Duration stageTimeout, GrpcSecurity security) {
    this.driver = driver;
    this.stageTimeout = stageTimeout;
    this.security = security;
  }

  /** As whom commands are given from now on, and who drives steps. */
  void lead(long life, long term, NodeId dataOwner) {
    driver = dataOwner;
    fence = Fence.newBuilder().setLife(life).setTerm(term).build();
  }

  private record Client(String address, ManagedChannel channel, TrainingNodeBlockingStub stub) {}

  Fence fence() {
    return fence;
  }

  /** Addresses of the nodes that are there. */
  List<NodeAddress> directory() {
    return clients.entrySet().stream()
        .map(
            e ->
                NodeAddress.newBuilder()
                    .setNode(e.getKey().value())
                    .setAddress(e.getValue().address())
                    .build())
        .toList();
  }

  /** Gives a dead node up: calls to it that are under way fail now. */
  void drop(NodeId node) {
    Client client = clients.remove(node);
    if (client != null) {
      client.channel().shutdownNow();
    }
  }

  /** Adds a node, or tells its new address. */
  void put(NodeId node, String address) {
    clients.compute(
        node,
        (n, old) -> {
          if (old != null && old.address().equals(address)) {
            return old;
          }
          if (old != null) {
            old.channel().shutdownNow();
          }
          ManagedChannel channel =
              Rpc.connect(address, Limits.ANSWER_BYTES, security, node.value());
          return new Client(address, channel, TrainingNodeGrpc.newBlockingStub(channel));
        });
  }

  private void prepare(
      NodeId node, SplitTopology topology, LinkCompressions compression, long nextStep)
      throws IOException {
    PrepareRequest request =
        PrepareRequest.newBuilder()
            .setTopology(ByteString.copyFrom(Codecs.TOPOLOGY.encode(topology)))
            .addAllDirectory(directory())
            .setNextStep(nextStep)
            .setCompression(Compressions.encode(compression))
            .setFence(fence)
            .build();
    Done unused = call(node, stageTimeout, stub -> stub.prepare(request));
  }

  /** Has nodes build their first layers, side by side. */
  void prepare(
      List<NodeId> nodes, SplitTopology topology, LinkCompressions compression, Executor work)
      throws IOException {
    List<CompletableFuture<@Nullable IOException>> prepared = new ArrayList<>();
    for (NodeId node : nodes) {
      prepared.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  prepare(node, topology, compression, 0);
                  return null;
                } catch (IOException e) {
                  return e;
                }
              },
              work));
    }
    for (CompletableFuture<@Nullable IOException> outcome : prepared) {
      IOException problem = outcome.join();
      if (problem != null) {
        throw problem;
      }
    }
  }

  /** Tells a node when training begins. */
  void begin(NodeId node, Instant start) throws IOException {
    BeginRequest request =
        BeginRequest.newBuilder().setStartMillis(start.toEpochMilli()).setFence(fence).build();
    Done unused = call(node, SHORT, stub -> stub.begin(request));
  }

  /** Has a node end in order. */
  void stop(NodeId node) throws IOException {
    StopRequest request = StopRequest.newBuilder().setFence(fence).build();
    Done unused = call(node, SHORT, stub -> stub.stop(request));
  }

  @Override
  public long hold(ActionId action) throws IOException {
    HoldRequest request =
        HoldRequest.newBuilder().setAction(action.value()).setFence(fence).build();
    return call(driver, stageTimeout, stub -> stub.hold(request)).getNextStep();
  }

  @Override
  public void expect(
      NodeId node, ActionId action, long epoch, Placement target, List<LayerMove.Shift> shifts)
      throws IOException {
    ExpectRequest request =
        ExpectRequest.newBuilder()
            .setAction(action.value())
            .setEpoch(epoch)
            .addAllTarget(names(target))
            .addAllRuns(shifts.stream().map(NodeClients::run).toList())
            .setFence(fence)
            .build();
    Done unused = call(node, SHORT, stub -> stub.expect(request));
  }

  @Override
  public long copy(ActionId action, long epoch, LayerMove.Shift shift) throws IOException {
    CopyRequest request =
        CopyRequest.newBuilder()
            .setAction(action.value())
            .setEpoch(epoch)
            .setRun(run(shift))
            .setTarget(shift.target().value())
            .setWaitMillis(waitMillis(stageTimeout))
            .setFence(fence)
            .build();
    return call(shift.source(), stageTimeout, stub -> stub.copy(request)).getFirstStep();
  }

  @Override
  public CopyProgress observe(NodeId node, ActionId action, long epoch, LayerMove.Shift shift)
      throws IOException {
    ObserveRequest request =
        ObserveRequest.newBuilder()
            .setAction(action.value())
            .setEpoch(epoch)
            .setRun(run(shift))
            .setFence(fence)
            .build();
    return call(node, SHORT, stub -> stub.observe(request));
  }

  @Override
  public TransferResponse digest(
      NodeId node,
      ActionId action,
      long epoch,
      LayerMove.Shift shift,
      long nextStep,
      Duration limit)
      throws IOException {
    DigestRequest request =
        DigestRequest.newBuilder()
            .setAction(action.value())
            .setEpoch(epoch)
            .setRun(run(shift))
            .setNextStep(nextStep)
            .setWaitMillis(waitMillis(limit))
            .setFence(fence)
            .build();
    return call(node, stageTimeout, stub -> stub.digest(request));
  }

  @Override
  public void cancel(NodeId node, ActionId action, long epoch, LayerMove.Shift shift)
      throws IOException {
    CancelRequest request =
        CancelRequest.newBuilder()
            .setAction(action.value())
            .setEpoch(epoch)
            .setRun(run(shift))
            .setFence(fence)
            .build();
    Done unused = call(node, SHORT, stub -> stub.cancel(request));
  }

  private static LayerRange run(LayerMove.Shift shift) {
    return LayerRange.newBuilder()
        .setFirstLayer(shift.firstLayer())
        .setLastLayer(shift.lastLayer())
        .build();
  }

  /** What a node may wait, so that its answer comes before the call is given up. */
  private static int waitMillis(Duration limit) {
    return (int) Math.min(Integer.MAX_VALUE, limit.toMillis() * 9 / 10);
  }

  @Override
  public List<LayerDigest> transfer(ActionId action, long epoch, LayerMove.Shift shift)
      throws IOException {
    TransferRequest request =
        TransferRequest.newBuilder()
            .setAction(action.value())
            .setEpoch(epoch)
            .setFirstLayer(shift.firstLayer())
            .setLastLayer(shift.lastLayer())
            .setTarget(shift.target().value())
            .setFence(fence)
            .build();
    return call(shift.source(), stageTimeout, stub -> stub.transfer(request)).getLayersList();
  }

  @Override
  public void verify(
      NodeId node,
      ActionId action,
      long epoch,
      Placement target,
      List<LayerDigest> layers,
      long nextStep)
      throws IOException {
    VerifyRequest request =
        VerifyRequest.newBuilder()
            .setAction(action.value())
            .setEpoch(epoch)
            .addAllTarget(names(target))
            .addAllLayers(layers)
            .setWaitMillis(waitMillis(stageTimeout))
            .setNextStep(nextStep)
            .setFence(fence)
            .build();
    Done unused = call(node, stageTimeout, stub -> stub.verify(request));
  }

  @Override
  public void activate(
      NodeId node, Optional<ActionId> action, long epoch, Placement placement, long nextStep)
      throws IOException {
    ActivateRequest request =
        ActivateRequest.newBuilder()
            .setAction(action.map(ActionId::value).orElse(""))
            .setEpoch(epoch)
            .addAllPlacement(names(placement))
            .setNextStep(nextStep)
            .setFence(fence)
            .build();
    Done unused = call(node, stageTimeout, stub -> stub.activate(request));
  }

  @Override
  public void compress(NodeId node, ActionId action, long epoch, LinkCompressions table)
      throws IOException {
    CompressRequest request =
        CompressRequest.newBuilder()
            .setAction(action.value())
            .setEpoch(epoch)
            .setCompression(Compressions.encode(table))
            .setFence(fence)
            .build();
    Done unused = call(node, SHORT, stub -> stub.compress(request));
  }

  @Override
  public void abort(NodeId node, ActionId action) throws IOException {
    AbortRequest request =
        AbortRequest.newBuilder().setAction(action.value()).setFence(fence).build();
    Done unused = call(node, SHORT, stub -> stub.abort(request));
  }

  @Override
  public long resume(ActionId action, long epoch) throws IOException {
    ResumeRequest request =
        ResumeRequest.newBuilder()
            .setAction(action.value())
            .setEpoch(epoch)
            .setFence(fence)
            .build();
    return call(driver, SHORT, stub -> stub.resume(request)).getPausedMillis();
  }

  /** Calls a node; a failure names it. */
  <T> T call(NodeId node, Duration limit, Function<TrainingNodeBlockingStub, T> method)
      throws IOException {
    Client client = clients.get(node);
    if (client == null) {
      throw new IOException("node " + node + " has not registered");
    }
    try {
      return method.apply(client.stub().withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (StatusRuntimeException e) {
      throw new IOException("node " + node + ": " + Rpc.describe(e), e);
    }
  }

  static List<String> names(Placement placement) {
    return placement.nodeOfLayer().stream().map(NodeId::value).collect(Collectors.toList());
  }

  @Override
  public void close() {
    clients.values().forEach(client -> Rpc.close(client.channel()));
  }
}
