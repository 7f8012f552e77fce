package io.foresplit.contract.wire;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.Severity;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingScheme;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Job, placement and topology. */
final class JobWire {
  private JobWire() {}

  static io.foresplit.contract.wire.proto.SplitTopology toProto(SplitTopology topology) {
    return io.foresplit.contract.wire.proto.SplitTopology.newBuilder()
        .setJob(toProto(topology.job()))
        .setEpoch(topology.epoch())
        .setPlacement(toProto(topology.placement()))
        .setSinceMillis(topology.since().toEpochMilli())
        .build();
  }

  static SplitTopology fromProto(io.foresplit.contract.wire.proto.SplitTopology p) {
    return new SplitTopology(
        fromProto(p.getJob()),
        Enums.counter("epoch", p.getEpoch()),
        fromProto(p.getPlacement()),
        Enums.instant("since_millis", p.getSinceMillis()));
  }

  static io.foresplit.contract.wire.proto.Placement toProto(Placement placement) {
    return io.foresplit.contract.wire.proto.Placement.newBuilder()
        .addAllNodeOfLayer(names(placement.nodeOfLayer()))
        .build();
  }

  static Placement fromProto(io.foresplit.contract.wire.proto.Placement p) {
    return new Placement(nodes(p.getNodeOfLayerList()));
  }

  static List<String> names(Collection<NodeId> nodes) {
    return nodes.stream().map(NodeId::value).toList();
  }

  static List<NodeId> nodes(Collection<String> names) {
    return names.stream().map(NodeId::new).toList();
  }

  private static io.foresplit.contract.wire.proto.JobSpec toProto(JobSpec job) {
    var p =
        io.foresplit.contract.wire.proto.JobSpec.newBuilder()
            .setId(job.id().value())
            .setModel(job.model())
            .setBatchSize(job.batchSize())
            .setIntervalMillis(job.interval().toMillis())
            .setDataOwner(job.dataOwner().value())
            .addAllLabelHolders(names(job.labelHolders()))
            .setMinOwnerLayers(job.minOwnerLayers());
    job.layers()
        .forEach(
            l ->
                p.addLayersBuilder()
                    .setName(l.name())
                    .setForwardSeconds(l.forwardSeconds())
                    .setBackwardSeconds(l.backwardSeconds())
                    .setOutputBytes(l.outputBytes())
                    .setParameterBytes(l.parameterBytes()));
    job.nodes()
        .forEach(
            n ->
                p.addNodesBuilder()
                    .setId(n.id().value())
                    .setSpeed(n.speed())
                    .setVersion(n.version()));
    job.links()
        .forEach(
            l ->
                p.addLinksBuilder()
                    .setFrom(l.from().value())
                    .setTo(l.to().value())
                    .setBytesPerSecond(l.bytesPerSecond())
                    .setDelaySeconds(l.delaySeconds()));
    job.objectives()
        .forEach(
            o ->
                p.addObjectivesBuilder()
                    .setId(o.id().value())
                    .setMetric(Enums.toProto(o.metric()))
                    .setBound(o.bound())
                    .setDurationMillis(o.duration().toMillis())
                    .setSeverity(
                        io.foresplit.contract.wire.proto.Severity.valueOf(o.severity().name())));
    if (!job.scheme().equals(TrainingScheme.chain())) {
      p.setScheme(toProto(job.scheme()));
    }
    return p.build();
  }

  private static io.foresplit.contract.wire.proto.TrainingScheme toProto(TrainingScheme scheme) {
    var p =
        io.foresplit.contract.wire.proto.TrainingScheme.newBuilder()
            .setMode(
                io.foresplit.contract.wire.proto.TrainingScheme.Mode.valueOf(scheme.mode().name()))
            .setMicroBatches(scheme.microBatches())
            .setSharding(
                io.foresplit.contract.wire.proto.TrainingScheme.Sharding.valueOf(
                    scheme.sharding().name()))
            .setTurnSteps(scheme.turnSteps())
            .setAverageEvery(scheme.averageEvery())
            .setQuorum(scheme.quorum())
            .setStragglerTimeoutMillis(scheme.stragglerTimeout().toMillis())
            .setTailLayers(scheme.tailLayers());
    scheme
        .peers()
        .forEach(
            n ->
                p.addPeersBuilder()
                    .setId(n.id().value())
                    .setSpeed(n.speed())
                    .setVersion(n.version()));
    return p.build();
  }

  private static TrainingScheme fromProto(io.foresplit.contract.wire.proto.TrainingScheme p) {
    return new TrainingScheme(
        Enums.convert("mode", TrainingScheme.Mode.class, p.getMode()),
        p.getMicroBatches(),
        p.getPeersList().stream()
            .map(n -> new NodeSpec(new NodeId(n.getId()), n.getSpeed(), n.getVersion()))
            .toList(),
        Enums.convert("sharding", TrainingScheme.Sharding.class, p.getSharding()),
        p.getTurnSteps(),
        p.getAverageEvery(),
        p.getQuorum(),
        Duration.ofMillis(p.getStragglerTimeoutMillis()),
        p.getTailLayers());
  }

  private static JobSpec fromProto(io.foresplit.contract.wire.proto.JobSpec p) {
    return new JobSpec(
        new JobId(p.getId()),
        p.getModel(),
        p.getBatchSize(),
        Duration.ofMillis(p.getIntervalMillis()),
        p.getLayersList().stream()
            .map(
                l ->
                    new LayerProfile(
                        l.getName(),
                        l.getForwardSeconds(),
                        l.getBackwardSeconds(),
                        l.getOutputBytes(),
                        l.getParameterBytes()))
            .toList(),
        p.getNodesList().stream()
            .map(n -> new NodeSpec(new NodeId(n.getId()), n.getSpeed(), n.getVersion()))
            .toList(),
        p.getLinksList().stream()
            .map(
                l ->
                    new LinkSpec(
                        new NodeId(l.getFrom()),
                        new NodeId(l.getTo()),
                        l.getBytesPerSecond(),
                        l.getDelaySeconds()))
            .toList(),
        new NodeId(p.getDataOwner()),
        nodes(p.getLabelHoldersList()),
        p.getMinOwnerLayers(),
        p.getObjectivesList().stream()
            .map(
                o ->
                    new Objective(
                        new ObjectiveId(o.getId()),
                        Enums.fromProto(o.getMetric()),
                        o.getBound(),
                        Duration.ofMillis(o.getDurationMillis()),
                        Enums.convert("severity", Severity.class, o.getSeverity())))
            .toList(),
        p.hasScheme() ? fromProto(p.getScheme()) : TrainingScheme.chain());
  }
}
