package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.runtime.node.NodeProcess;
import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.ActivateRequest;
import io.foresplit.runtime.proto.BeatRequest;
import io.foresplit.runtime.proto.BeatResponse;
import io.foresplit.runtime.proto.BeginRequest;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.GetTopologyRequest;
import io.foresplit.runtime.proto.GetTopologyResponse;
import io.foresplit.runtime.proto.NodeAddress;
import io.foresplit.runtime.proto.PrepareRequest;
import io.foresplit.runtime.proto.RegisterRequest;
import io.foresplit.runtime.proto.RegisterResponse;
import io.foresplit.runtime.proto.ResumeRequest;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc.TrainingCoordinatorImplBase;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.foresplit.runtime.proto.TrainingNodeGrpc.TrainingNodeBlockingStub;
import io.foresplit.runtime.proto.TrainingNodeGrpc.TrainingNodeImplBase;
import io.foresplit.runtime.proto.TransferRequest;
import io.foresplit.runtime.proto.VerifyRequest;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.foresplit.runtime.security.ServerGuard;
import io.foresplit.runtime.tensor.Optimiser;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A coordinator in the hands of somebody who wants the owner's data, and honest nodes. */
@Timeout(60)
class CompromisedCoordinatorTest {
  private static final Placement HONEST = Cluster.cut(2, 3);

  /** The first layer, and so the raw samples, on the cloud. */
  private static final Placement RAW_TO_CLOUD =
      new Placement(List.of(Cluster.CLOUD, Cluster.CLOUD, Cluster.CLOUD, Cluster.CLOUD));

  private static final Placement LABELS_TO_EDGE = Cluster.cut(2, 4);

  private final ExecutorService calls = Executors.newCachedThreadPool();
  private final List<Envelope> seenByEdge = new CopyOnWriteArrayList<>();
  private final CountDownLatch activationSeen = new CountDownLatch(1);
  private volatile SplitTopology offered = topology(Cluster.job(), HONEST);
  private Server coordinator;
  private Server edge;

  @BeforeEach
  void start() throws IOException {
    coordinator = serve(new Offering());
    edge = serve(new Listening());
  }

  @AfterEach
  void stop() {
    Rpc.close(coordinator);
    Rpc.close(edge);
    calls.shutdownNow();
  }

  private Server serve(BindableService service) throws IOException {
    return Rpc.serve(
        "127.0.0.1",
        0,
        new ServerGuard(
            GrpcSecurity.plaintext(), Limits.ofNode(Cluster.job(), 1 << 20), System::nanoTime),
        calls,
        service);
  }

  @Test
  void anotherDeclarationThanTheNodesOwnIsRefusedAtRegistration() {
    JobSpec job = Cluster.job();
    offered = topology(declaring(job, List.of(Cluster.DEVICE, Cluster.CLOUD), 0), RAW_TO_CLOUD);
    assertThatThrownBy(() -> startNode(Cluster.DEVICE))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("node device vetoes what coordinator 127.0.0.1:")
        .hasMessageEndingWith("says of job toy: layers kept on the owner 0 instead of 1");

    offered = topology(declaring(job, List.of(Cluster.EDGE), 1), LABELS_TO_EDGE);
    assertThatThrownBy(() -> startNode(Cluster.EDGE))
        .hasMessageEndingWith("label holders [edge] instead of [cloud, device]");

    offered = topology(job, RAW_TO_CLOUD);
    assertThatThrownBy(() -> startNode(Cluster.CLOUD))
        .hasMessageEndingWith("the first 1 layers must stay on the data owner device");
  }

  @Test
  void noCommandMakesANodeBreakTheDeclaration() throws Exception {
    try (NodeProcess device = startNode(Cluster.DEVICE)) {
      ManagedChannel channel =
          Rpc.connect("127.0.0.1:" + device.port(), 1 << 20, GrpcSecurity.plaintext(), "device");
      TrainingNodeBlockingStub stub = TrainingNodeGrpc.newBlockingStub(channel);

      String raw = "the first 1 layers must stay on the data owner device";
      assertRefused(() -> stub.prepare(prepare(topology(Cluster.job(), RAW_TO_CLOUD))), raw);
      assertRefused(
          () ->
              stub.prepare(
                  prepare(
                      topology(declaring(Cluster.job(), List.of(Cluster.CLOUD), 0), RAW_TO_CLOUD))),
          "the job is not the one node device registered for");
      assertRefused(
          () -> stub.prepare(prepare(topology(Cluster.job(), LABELS_TO_EDGE))),
          "the last layer is on edge, which holds no labels");

      var unused = stub.prepare(prepare(topology(Cluster.job(), HONEST)));
      var unusedBegun =
          stub.begin(
              BeginRequest.newBuilder().setStartMillis(Instant.now().toEpochMilli()).build());
      var unusedResumed = stub.resume(ResumeRequest.getDefaultInstance());
      assertThat(activationSeen.await(20, TimeUnit.SECONDS)).isTrue();

      assertRefused(
          () ->
              stub.verify(
                  VerifyRequest.newBuilder()
                      .setAction("a")
                      .addAllTarget(names(RAW_TO_CLOUD))
                      .build()),
          raw);
      assertRefused(
          () ->
              stub.activate(
                  ActivateRequest.newBuilder()
                      .setAction("a")
                      .setEpoch(1)
                      .addAllPlacement(names(RAW_TO_CLOUD))
                      .build()),
          raw);
      assertRefused(
          () ->
              stub.transfer(
                  TransferRequest.newBuilder()
                      .setAction("a")
                      .setFirstLayer(0)
                      .setLastLayer(1)
                      .setTarget("cloud")
                      .build()),
          "node device vetoes the transfer: layer 0 must not be on cloud");
      assertRefused(
          () ->
              stub.transfer(
                  TransferRequest.newBuilder()
                      .setAction("a")
                      .setFirstLayer(1)
                      .setLastLayer(1)
                      .setTarget("elsewhere")
                      .build()),
          "layer 1 must not be on elsewhere");
      channel.shutdownNow();
    }

    // all that ever left the owner is smashed data
    List<Envelope> sent = seenByEdge.stream().filter(e -> !e.hasProbe()).toList();
    assertThat(sent).isNotEmpty().allMatch(Envelope::hasActivation);
    List<ByteString> raw = List.of(batchOf(sent.get(0)), batchOf(sent.get(sent.size() - 1)));
    assertThat(sent).noneMatch(e -> raw.contains(e.getActivation().getOutput().getValues()));
  }

  private static ByteString batchOf(Envelope envelope) {
    int[] indices =
        envelope.getActivation().getIndicesList().stream().mapToInt(Integer::intValue).toArray();
    return ByteString.copyFrom(new SecuredTraining.Rows().batch(indices).bytes());
  }

  private NodeProcess startNode(NodeId node) throws IOException {
    return NodeProcess.start(
        SecuredTraining.options(
            node, "127.0.0.1:" + coordinator.getPort(), GrpcSecurity.plaintext()),
        SecuredTraining.environment());
  }

  private PrepareRequest prepare(SplitTopology topology) {
    return PrepareRequest.newBuilder()
        .setTopology(ByteString.copyFrom(Codecs.TOPOLOGY.encode(topology)))
        .addDirectory(
            NodeAddress.newBuilder().setNode("edge").setAddress("127.0.0.1:" + edge.getPort()))
        .build();
  }

  private static List<String> names(Placement placement) {
    return placement.nodeOfLayer().stream().map(NodeId::value).toList();
  }

  private static void assertRefused(Runnable command, String why) {
    assertThatThrownBy(command::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Code.FAILED_PRECONDITION))
        .hasMessageContaining(why);
  }

  private static SplitTopology topology(JobSpec job, Placement placement) {
    return new SplitTopology(job, 0, placement, Instant.EPOCH);
  }

  private static JobSpec declaring(JobSpec job, List<NodeId> labelHolders, int minOwnerLayers) {
    return new JobSpec(
        job.id(),
        job.model(),
        job.batchSize(),
        job.interval(),
        job.layers(),
        job.nodes(),
        job.links(),
        job.dataOwner(),
        labelHolders,
        minOwnerLayers,
        job.objectives());
  }

  /** Offers whatever job and placement it likes. */
  private final class Offering extends TrainingCoordinatorImplBase {
    @Override
    public void getTopology(
        GetTopologyRequest request, StreamObserver<GetTopologyResponse> caller) {
      Rpc.answer(caller, () -> GetTopologyResponse.newBuilder().setDeclared(encoded()).build());
    }

    @Override
    public void register(RegisterRequest request, StreamObserver<RegisterResponse> caller) {
      Rpc.answer(
          caller,
          () ->
              RegisterResponse.newBuilder()
                  .setDeclared(encoded())
                  .setOptimiser(Optimisers.encode(new Optimiser.SgdMomentum(0.1, 0.9)))
                  .build());
    }

    @Override
    public void beat(BeatRequest request, StreamObserver<BeatResponse> caller) {
      Rpc.answer(caller, () -> BeatResponse.newBuilder().setKnown(true).build());
    }

    private ByteString encoded() {
      return ByteString.copyFrom(Codecs.TOPOLOGY.encode(offered));
    }
  }

  /** The next node of the chain, which keeps all it gets. */
  private final class Listening extends TrainingNodeImplBase {
    @Override
    public StreamObserver<Envelope> exchange(StreamObserver<Ack> sender) {
      return new StreamObserver<>() {
        @Override
        public void onNext(Envelope envelope) {
          seenByEdge.add(envelope);
          if (envelope.hasActivation()) {
            activationSeen.countDown();
          }
          sender.onNext(Ack.newBuilder().setSequence(envelope.getSequence()).build());
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {
          sender.onCompleted();
        }
      };
    }
  }
}
