package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.coordinator.CoordinatorOptions;
import io.foresplit.runtime.coordinator.CoordinatorProcess;
import io.foresplit.runtime.node.NodeProcess;
import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.GetTopologyRequest;
import io.foresplit.runtime.proto.RegisterRequest;
import io.foresplit.runtime.proto.ShutdownRequest;
import io.foresplit.runtime.proto.StopRequest;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.JoinToken;
import io.foresplit.runtime.security.Limits;
import io.foresplit.runtime.security.TestAuthority;
import io.foresplit.runtime.security.Tls;
import io.foresplit.runtime.tensor.Optimiser;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SecuredTrainingTest {
  @TempDir Path folder;
  private TestAuthority authority;
  private NodeProcess edge;

  @BeforeEach
  void makeAuthority() throws Exception {
    authority = new TestAuthority(folder.resolve("tls"));
  }

  private SecuredTraining coordinator() throws IOException {
    return new SecuredTraining(folder.resolve("data"), authority::securityOf);
  }

  @Test
  void trainingAndMovesGoThroughMutualTlsAndTheToken() throws Exception {
    try (SecuredTraining training = coordinator()) {
      for (NodeId node : Cluster.CHAIN) {
        training.startNode(node, authority.securityOf(node.value()));
      }
      training.awaitMoreSteps(10);

      assertThat(training.runtime.move(Cluster.JOB, new ActionId("a"), 1, 0, Cluster.cut(1, 2)))
          .matches(result -> result.state() == State.COMMITTED, "committed");
      training.awaitMoreSteps(10);
    }
  }

  @Test
  void oneWayTlsNeedsTheTokenAlone() throws Exception {
    try (SecuredTraining training =
        new SecuredTraining(folder.resolve("data"), name -> authority.securityOf(name, false))) {
      for (NodeId node : Cluster.CHAIN) {
        training.startNode(node, authority.securityOf(node.value(), false));
      }
      training.awaitMoreSteps(5);
      GrpcSecurity noCertificate =
          new GrpcSecurity(
              Optional.of(Tls.read(authority.certificate(), Optional.empty(), false)),
              Optional.of(JoinToken.read(authority.token())));
      try (GrpcTrainingRuntime runtime =
          new GrpcTrainingRuntime(training.address(), noCertificate)) {
        assertThat(runtime.progress(Cluster.JOB, 0).steps()).isGreaterThan(4);
      }
    }
  }

  @Test
  void whoHasNoTokenOrAnotherIsRefused() throws Exception {
    GrpcSecurity full = authority.securityOf("edge");
    GrpcSecurity none = new GrpcSecurity(full.tls(), Optional.empty());
    GrpcSecurity other =
        new GrpcSecurity(full.tls(), Optional.of(JoinToken.of("another-token-of-a-job", "test")));
    try (SecuredTraining training = coordinator()) {
      assertThatThrownBy(() -> training.startNode(Cluster.EDGE, none))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "coordinator %s refuses node edge: the join token is missing"
                  + " (give --token-file or --token-env)",
              training.address());
      assertThatThrownBy(() -> training.startNode(Cluster.EDGE, other))
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith("refuses node edge: the join token is not the one of this job");
      try (GrpcTrainingRuntime controller = new GrpcTrainingRuntime(training.address(), none)) {
        assertThatThrownBy(() -> controller.topology(Cluster.JOB))
            .hasMessageContaining("the join token is missing");
      }

      startAll(training);
      call(
          edge.port(),
          none,
          "edge",
          channel -> {
            assertCode(
                () -> TrainingNodeGrpc.newBlockingStub(channel).stop(stop()), Code.UNAUTHENTICATED);
            assertThat(exchange(channel, "device")).isEqualTo(Code.UNAUTHENTICATED);
          });
      training.awaitMoreSteps(5);
    }
  }

  @Test
  void aCertificateSpeaksForItsNameAlone() throws Exception {
    try (SecuredTraining training = coordinator()) {
      startAll(training);
      GrpcSecurity cloud = authority.securityOf("cloud");

      call(
          training.coordinator.port(),
          cloud,
          GrpcSecurity.COORDINATOR,
          channel -> {
            var stub = TrainingCoordinatorGrpc.newBlockingStub(channel);
            assertThat(stub.getTopology(GetTopologyRequest.getDefaultInstance()).getTopology())
                .isNotEmpty();
            assertCode(
                () -> stub.register(RegisterRequest.newBuilder().setNode("device").build()),
                Code.PERMISSION_DENIED);
            assertCode(
                () -> stub.shutdown(ShutdownRequest.newBuilder().setJob("toy").build()),
                Code.PERMISSION_DENIED);
          });
      call(
          edge.port(),
          cloud,
          "edge",
          channel -> {
            assertCode(
                () -> TrainingNodeGrpc.newBlockingStub(channel).stop(stop()),
                Code.PERMISSION_DENIED);
            assertThat(exchange(channel, "device")).isEqualTo(Code.PERMISSION_DENIED);
          });
      assertThatThrownBy(() -> training.startNode(Cluster.EDGE, cloud))
          .hasMessageEndingWith(
              "must name 'edge' (DNS subject alternative name), it names [cloud]");
      training.awaitMoreSteps(5);
    }
  }

  @Test
  void whoHasNoCertificateOfTheAuthorityGetsNoWordIn() throws Exception {
    TestAuthority stranger = new TestAuthority(folder.resolve("stranger"));
    try (SecuredTraining training = coordinator()) {
      GrpcSecurity noCertificate =
          new GrpcSecurity(
              Optional.of(Tls.read(authority.certificate(), Optional.empty(), true)),
              Optional.of(JoinToken.read(authority.token())));
      GrpcSecurity plain =
          new GrpcSecurity(Optional.empty(), Optional.of(JoinToken.read(authority.token())));
      for (GrpcSecurity wrong : new GrpcSecurity[] {noCertificate, plain}) {
        call(
            training.coordinator.port(),
            wrong,
            GrpcSecurity.COORDINATOR,
            channel -> assertUnavailable(channel));
      }
      call(
          training.coordinator.port(),
          stranger.securityOf("edge"),
          GrpcSecurity.COORDINATOR,
          channel -> assertUnavailable(channel));
      // a certificate of the right authority, but not for a coordinator
      call(
          training.coordinator.port(),
          authority.securityOf("edge"),
          "cloud",
          channel -> assertUnavailable(channel));
    }
  }

  @Test
  void beyondLoopbackNothingStartsWithoutTlsAndToken() throws Exception {
    String line =
        "host 0.0.0.0 is beyond loopback, where TLS and a join token are required: give --tls-ca,"
            + " --tls-cert, --tls-key and --token-file, or --host 127.0.0.1";
    GrpcSecurity noToken =
        new GrpcSecurity(authority.securityOf("coordinator").tls(), Optional.empty());
    for (GrpcSecurity security : new GrpcSecurity[] {GrpcSecurity.plaintext(), noToken}) {
      CoordinatorOptions options =
          CoordinatorOptions.of(
                  Cluster.job(),
                  new Optimiser.SgdMomentum(0.1, 0.9),
                  5,
                  Cluster.cut(2, 3),
                  folder.resolve("data"),
                  0)
              .withHost("0.0.0.0")
              .withSecurity(security);
      assertThatThrownBy(
              () -> CoordinatorProcess.start(options, InstantSource.system(), System::nanoTime))
          .isInstanceOf(IOException.class)
          .hasMessage(line);
    }
    assertThatThrownBy(
            () ->
                NodeProcess.start(
                    SecuredTraining.options(Cluster.EDGE, "127.0.0.1:1", GrpcSecurity.plaintext())
                        .withHost("0.0.0.0"),
                    SecuredTraining.environment()))
        .isInstanceOf(IOException.class)
        .hasMessage(line);
    GrpcSecurity tokenOnly =
        new GrpcSecurity(Optional.empty(), Optional.of(JoinToken.read(authority.token())));
    assertThatThrownBy(() -> new GrpcTrainingRuntime("192.0.2.1:7400", tokenOnly))
        .hasMessageContaining("the join token is not sent to 192.0.2.1 in plain text");
  }

  private void startAll(SecuredTraining training) throws Exception {
    training.startNode(Cluster.DEVICE, authority.securityOf("device"));
    edge = training.startNode(Cluster.EDGE, authority.securityOf("edge"));
    training.startNode(Cluster.CLOUD, authority.securityOf("cloud"));
    training.awaitMoreSteps(5);
  }

  private static StopRequest stop() {
    return StopRequest.getDefaultInstance();
  }

  private static void assertUnavailable(ManagedChannel channel) {
    assertCode(
        () ->
            TrainingCoordinatorGrpc.newBlockingStub(channel)
                .getTopology(GetTopologyRequest.getDefaultInstance()),
        Code.UNAVAILABLE);
  }

  private static void assertCode(Runnable call, Code code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).as(e.getMessage()).isEqualTo(code));
  }

  /** How a stream ends whose first envelope claims to come from a node. */
  private static Code exchange(ManagedChannel channel, String sender) {
    CompletableFuture<Code> end = new CompletableFuture<>();
    StreamObserver<Envelope> out =
        TrainingNodeGrpc.newStub(channel)
            .exchange(
                new StreamObserver<Ack>() {
                  @Override
                  public void onNext(Ack ack) {
                    end.complete(Code.OK);
                  }

                  @Override
                  public void onError(Throwable error) {
                    end.complete(Status.fromThrowable(error).getCode());
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(Code.OK);
                  }
                });
    out.onNext(
        Envelope.newBuilder().setJob("toy").setSender(sender).setTo("edge").setSequence(1).build());
    return end.orTimeout(20, TimeUnit.SECONDS).join();
  }

  private static void call(
      int port, GrpcSecurity security, String peer, Consumer<ManagedChannel> calls) {
    ManagedChannel channel = Rpc.connect("127.0.0.1:" + port, Limits.ANSWER_BYTES, security, peer);
    try {
      calls.accept(channel);
    } finally {
      channel.shutdownNow();
    }
  }
}
