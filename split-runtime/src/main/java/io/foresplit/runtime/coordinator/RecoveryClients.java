package io.foresplit.runtime.coordinator;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.runtime.Compressions;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.coordinator.RecoveryPlan.Provision;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.CheckRequest;
import io.foresplit.runtime.proto.Done;
import io.foresplit.runtime.proto.HaltRequest;
import io.foresplit.runtime.proto.HaltResponse;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.PrepareRequest;
import io.foresplit.runtime.proto.ProvideRequest;
import io.foresplit.runtime.proto.RegroupRequest;
import io.foresplit.runtime.proto.RestoreRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Nodes in a recovery, over gRPC. Thread-safe. */
record RecoveryClients(NodeClients clients) implements Survivors {
  private static final Duration SHORT = Duration.ofSeconds(5);
  private static final Duration TRANSFER = Duration.ofMinutes(1);

  /** For what a recovery holds steps. */
  static ActionId action(long recovery) {
    return new ActionId("recovery-" + recovery);
  }

  @Override
  public void welcome(
      NodeId node, SplitTopology topology, LinkCompressions compression, Instant started)
      throws IOException {
    PrepareRequest request =
        PrepareRequest.newBuilder()
            .setTopology(ByteString.copyFrom(Codecs.TOPOLOGY.encode(topology)))
            .addAllDirectory(clients.directory())
            .setCompression(Compressions.encode(compression))
            .setEmpty(true)
            .setFence(clients.fence())
            .build();
    Done unused = clients.call(node, TRANSFER, stub -> stub.prepare(request));
    clients.begin(node, started);
  }

  @Override
  public Halted halt(NodeId node, long recovery, long logSince) throws IOException {
    HaltRequest request =
        HaltRequest.newBuilder()
            .setRecovery(recovery)
            .setLogSince(logSince)
            .setFence(clients.fence())
            .build();
    HaltResponse response = clients.call(node, SHORT, stub -> stub.halt(request));
    return new Halted(
        response.getEpoch(),
        response.getNextStep(),
        response.getEmpty(),
        response.getHeldList(),
        response.getLogList());
  }

  @Override
  public void regroup(NodeId node, long revision, List<NodeId> route) throws IOException {
    RegroupRequest request =
        RegroupRequest.newBuilder()
            .setRevision(revision)
            .addAllRoute(names(route))
            .addAllDirectory(clients.directory())
            .setFence(clients.fence())
            .build();
    Done unused = clients.call(node, SHORT, stub -> stub.regroup(request));
  }

  @Override
  public List<LayerDigest> provide(long recovery, Provision provision, GoOn plan)
      throws IOException {
    ProvideRequest request =
        ProvideRequest.newBuilder()
            .setRecovery(recovery)
            .setStep(provision.step())
            .setOwner(provision.owner())
            .addAllLayers(provision.layers())
            .setTarget(provision.target().value())
            .addAllPlacement(NodeClients.names(plan.placement()))
            .addAllPresent(names(plan.present()))
            .setFence(clients.fence())
            .build();
    return clients
        .call(provision.source(), TRANSFER, stub -> stub.provide(request))
        .getLayersList();
  }

  @Override
  public void check(NodeId node, long recovery, long epoch, GoOn plan, List<LayerDigest> arrived)
      throws IOException {
    CheckRequest request =
        CheckRequest.newBuilder()
            .setRecovery(recovery)
            .setEpoch(epoch)
            .addAllPlacement(NodeClients.names(plan.placement()))
            .addAllPresent(names(plan.present()))
            .setStep(plan.step())
            .setAnew(plan.anew().contains(node))
            .addAllLayers(arrived)
            .setWaitMillis((int) SHORT.toMillis())
            .setFence(clients.fence())
            .build();
    Done unused = clients.call(node, TRANSFER, stub -> stub.check(request));
  }

  @Override
  public void restore(
      NodeId node, long recovery, long epoch, GoOn plan, LinkCompressions compression)
      throws IOException {
    RestoreRequest request =
        RestoreRequest.newBuilder()
            .setRecovery(recovery)
            .setEpoch(epoch)
            .addAllPlacement(NodeClients.names(plan.placement()))
            .addAllPresent(names(plan.present()))
            .setStep(plan.step())
            .setAnew(plan.anew().contains(node))
            .setCompression(Compressions.encode(compression))
            .setFence(clients.fence())
            .build();
    Done unused = clients.call(node, TRANSFER, stub -> stub.restore(request));
  }

  private static List<String> names(List<NodeId> nodes) {
    return nodes.stream().map(NodeId::value).toList();
  }

  @Override
  public long resume(long recovery, long epoch) throws IOException {
    return clients.resume(action(recovery), epoch);
  }
}
