package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.runtime.node.NodeEnvironment;
import io.foresplit.runtime.node.NodeProcess;
import io.foresplit.runtime.proto.BeatRequest;
import io.foresplit.runtime.proto.BeatResponse;
import io.foresplit.runtime.proto.GetTopologyRequest;
import io.foresplit.runtime.proto.GetTopologyResponse;
import io.foresplit.runtime.proto.RegisterRequest;
import io.foresplit.runtime.proto.RegisterResponse;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc.TrainingCoordinatorImplBase;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.foresplit.runtime.security.ServerGuard;
import io.foresplit.runtime.tensor.Optimiser;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that takes as long to build its model as this coordinator wants. */
@Timeout(60)
class HeartbeatsTest {
  private final ExecutorService calls = Executors.newCachedThreadPool();
  private final CountDownLatch beats = new CountDownLatch(3);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean refusing;
  private Server coordinator;

  @BeforeEach
  void start() throws IOException {
    coordinator =
        Rpc.serve(
            "127.0.0.1",
            0,
            new ServerGuard(
                GrpcSecurity.plaintext(), Limits.ofCoordinator(Cluster.job()), System::nanoTime),
            calls,
            new Counting());
  }

  @AfterEach
  void stop() {
    Rpc.close(coordinator);
    calls.shutdownNow();
  }

  @Test
  void beatsGoWhileTheModelIsBuilt() throws Exception {
    try (NodeProcess node = startNode(beats)) {
      assertThat(beats.getCount()).isZero();
      assertThat(node.port()).isPositive();
    }
  }

  @Test
  void aProcessThatIsRefusedWhileItIsBuiltEndsInOneLine() {
    refusing = true;

    assertThatThrownBy(() -> startNode(ended))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "node device has ended while it was built: this process of node device is dead");
  }

  /** The data set is there once something has happened. */
  private NodeProcess startNode(CountDownLatch until) throws IOException {
    NodeEnvironment usual = SecuredTraining.environment();
    return NodeProcess.start(
        SecuredTraining.options(
            Cluster.DEVICE, "127.0.0.1:" + coordinator.getPort(), GrpcSecurity.plaintext()),
        new NodeEnvironment(
            usual.wall(),
            usual.nanoTime(),
            usual.pacer(),
            usual.computes(),
            (job, folder, seed) -> {
              await(until);
              return new SecuredTraining.Rows();
            },
            new ReportSink() {
              @Override
              public void send(SegmentReport report) {}

              @Override
              public void close() {
                ended.countDown();
              }
            }));
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IOException("it has not happened in 20 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Counts heartbeats of processes that have registered, or refuses them. */
  private final class Counting extends TrainingCoordinatorImplBase {
    private final ByteString topology =
        ByteString.copyFrom(
            Codecs.TOPOLOGY.encode(
                new SplitTopology(Cluster.job(), 0, Cluster.cut(2, 3), Instant.EPOCH)));

    @Override
    public void getTopology(
        GetTopologyRequest request, StreamObserver<GetTopologyResponse> caller) {
      Rpc.answer(caller, () -> GetTopologyResponse.newBuilder().setDeclared(topology).build());
    }

    @Override
    public void register(RegisterRequest request, StreamObserver<RegisterResponse> caller) {
      Rpc.answer(
          caller,
          () ->
              RegisterResponse.newBuilder()
                  .setDeclared(topology)
                  .setOptimiser(Optimisers.encode(new Optimiser.SgdMomentum(0.1, 0.9)))
                  .setBeatMillis(50)
                  .build());
    }

    @Override
    public void beat(BeatRequest request, StreamObserver<BeatResponse> caller) {
      Rpc.answer(
          caller,
          () -> {
            if (refusing) {
              throw new IllegalStateException("this process of node device is dead");
            }
            beats.countDown();
            return BeatResponse.newBuilder().setKnown(true).build();
          });
    }
  }
}
