package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.proto.TensorValue;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.foresplit.runtime.proto.VerifyRequest;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.foresplit.runtime.security.TestAuthority;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The middle node runs with 64 MB of heap and ends at the first allocation that fails. Whatever is
 * thrown at it, one thing after the other, it must live, and unless it comes from its own neighbour
 * training must go on.
 */
@Timeout(180)
class HostilePeerTest {
  private static final int HEAP_MEGABYTES = 64;
  private static final int MEGABYTE = 1 << 20;

  private static TestAuthority authority;
  private static SecuredTraining training;
  private static NodeInChild edge;
  private final List<ManagedChannel> channels = new ArrayList<>();

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    Path tls = folder.resolve("tls");
    authority = new TestAuthority(tls);
    training = new SecuredTraining(folder.resolve("data"), authority::securityOf);
    authority.issue("edge");
    edge = NodeInChild.start(Cluster.EDGE, training.address(), tls, HEAP_MEGABYTES);
    for (NodeId node : List.of(Cluster.DEVICE, Cluster.CLOUD)) {
      training.startNode(node, authority.securityOf(node.value()));
    }
    training.awaitMoreSteps(20);
  }

  @AfterEach
  void disconnect() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  @AfterAll
  static void stop() {
    training.close();
    edge.close();
  }

  @Test
  void tenThousandStreamsOfAStrangerAreRefusedAndTrainingGoesOn() throws Exception {
    GrpcSecurity stranger = authority.securityOf("stranger");
    AtomicInteger refused = new AtomicInteger();
    CountDownLatch ends = new CountDownLatch(9_900);
    for (int c = 0; c < 50; c++) {
      new StreamsInTurns(
              channel(stranger),
              200,
              call -> {},
              code -> {
                if (code == Code.RESOURCE_EXHAUSTED || code == Code.UNAVAILABLE) {
                  refused.incrementAndGet();
                }
                ends.countDown();
              })
          .start();
    }

    assertThat(ends.await(60, TimeUnit.SECONDS)).as("%s refused", refused).isTrue();
    assertThat(refused.get()).isGreaterThanOrEqualTo(9_900);
    assertLivesAndTrains();
  }

  @Test
  void messagesThatAreTooLargeOrUnreadableEndTheirStreamAlone() throws Exception {
    ManagedChannel channel = channel(authority.securityOf("cloud"));
    Envelope large =
        envelope(1)
            .setChunk(StateChunk.newBuilder().setData(ByteString.copyFrom(new byte[8 * MEGABYTE])))
            .build();
    assertThat(endOf(channel, large)).isEqualTo(Code.RESOURCE_EXHAUSTED);

    // 60,000 fields nobody knows, each of which would become an object of its own
    UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();
    for (int i = 100; i < 60_100; i++) {
      fields.addField(i, UnknownFieldSet.Field.newBuilder().addVarint(1).build());
    }
    Envelope unknown = envelope(1).setSender("device").setUnknownFields(fields.build()).build();
    for (int i = 0; i < 20; i++) {
      assertThat(endOf(channel, unknown)).isEqualTo(Code.PERMISSION_DENIED);
    }

    // a million zeros are a thousand bytes: nothing compressed is taken
    Envelope bomb =
        envelope(1)
            .setChunk(StateChunk.newBuilder().setData(ByteString.copyFrom(new byte[MEGABYTE])))
            .build();
    assertThat(
            start(
                    channel,
                    TrainingNodeGrpc.getExchangeMethod(),
                    bomb,
                    CallOptions.DEFAULT.withCompression("gzip"))
                .get(30, TimeUnit.SECONDS))
        .isEqualTo(Code.UNIMPLEMENTED);

    VerifyRequest.Builder verify = VerifyRequest.newBuilder();
    for (int i = 0; i < 100_000; i++) {
      verify.addLayersBuilder();
    }
    assertThat(
            endOfCall(
                channel(authority.securityOf(GrpcSecurity.COORDINATOR)),
                TrainingNodeGrpc.getVerifyMethod(),
                verify.build()))
        .isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(edge.log()).doesNotContain("\tat ");
    assertLivesAndTrains();
  }

  @Test
  void slowConnectionsAndHalfMessagesHoldNothingUp() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 500; i++) {
        Socket socket = new Socket();
        try {
          socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), edge.port), 1_000);
          sockets.add(socket);
          OutputStream out = socket.getOutputStream();
          // half a TLS record, or half of HTTP/2's first words
          out.write(
              i % 2 == 0
                  ? new byte[] {0x16, 0x03, 0x01, 0x40, 0x00, 0x01}
                  : "PRI * HT".getBytes(StandardCharsets.US_ASCII));
          out.flush();
        } catch (IOException e) {
          socket.close(); // it is closed on us, as it should be
        }
      }
      assertLivesAndTrains();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void withoutTheTokenAFloodOfCallsIsRefusedAndTrainingGoesOn() throws Exception {
    ManagedChannel channel =
        channel(new GrpcSecurity(authority.securityOf("cloud").tls(), Optional.empty()));
    Queue<Code> codes = new ConcurrentLinkedQueue<>();
    CountDownLatch ends = new CountDownLatch(200);
    long began = System.nanoTime();
    new StreamsInTurns(
            channel,
            200,
            call -> call.sendMessage(envelope(1).build()),
            code -> {
              codes.add(code);
              ends.countDown();
            })
        .start();
    assertThat(ends.await(60, TimeUnit.SECONDS)).as("%s", codes).isTrue();
    // the connection itself is ended when too many streams of it were
    assertThat(codes)
        .contains(Code.UNAUTHENTICATED)
        .isSubsetOf(Code.UNAUTHENTICATED, Code.RESOURCE_EXHAUSTED, Code.UNAVAILABLE);
    assertThat(edge.log().lines().filter(line -> line.contains("the join token is missing")))
        .as("one line at once, then at most one in ten seconds")
        .hasSizeLessThanOrEqualTo(
            (int) (2 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) / 10));
    assertLivesAndTrains();
  }

  @Test
  void aNeighbourThatFloodsFillsNoMemory() throws Exception {
    ManagedChannel channel = channel(authority.securityOf("cloud"));
    TensorValue tensor =
        TensorValue.newBuilder()
            .addShape(Integer.MAX_VALUE)
            .addShape(Integer.MAX_VALUE)
            .setValues(ByteString.copyFrom(new byte[250 << 10]))
            .build();
    ByteString chunk = ByteString.copyFrom(new byte[250 << 10]);
    // what does not come this way, or would go back
    for (Envelope astray :
        List.of(
            envelope(1).setFrom("device").setActivation(Activation.getDefaultInstance()).build(),
            envelope(1).setFrom("nobody").build(),
            envelope(1).setTo("cloud").build(),
            envelope(1).setTo("nobody").build())) {
      Envelope of = astray.toBuilder().setIncarnation(Integer.toString(astray.hashCode())).build();
      assertThat(endOf(channel, of)).as("%s", of).isEqualTo(Code.FAILED_PRECONDITION);
    }
    // for one behind the node on a slow link, for itself, and state for moves nobody asked for
    flood(
        channel,
        i ->
            envelope(i)
                .setIncarnation("relayed")
                .setTo("device")
                .setActivation(Activation.newBuilder().setOutput(tensor))
                .build());
    flood(
        channel, i -> envelope(i).setActivation(Activation.newBuilder().setOutput(tensor)).build());
    flood(
        channel,
        i ->
            envelope(i)
                .setIncarnation("moving")
                .setChunk(
                    StateChunk.newBuilder()
                        .setAction("action-" + i)
                        .setLayer(i % 4)
                        .setCount(4096)
                        .setIndex(i % 4096)
                        .setData(chunk)
                        .setCrc(crc(chunk)))
                .build());

    // the neighbour itself goes on where it was
    assertLivesAndTrains();
  }

  /**
   * Sends twice what the node has of heap, or what it takes of that within three seconds, and reads
   * none of its answers.
   */
  private void flood(ManagedChannel channel, IntFunction<Envelope> messages) throws Exception {
    ConcurrentLinkedQueue<Status> ended = new ConcurrentLinkedQueue<>();
    ClientCall<Envelope, Ack> call =
        channel.newCall(TrainingNodeGrpc.getExchangeMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.add(status);
          }
        },
        new Metadata());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
    int sequence = 1;
    while (System.nanoTime() < end && ended.isEmpty() && sequence <= 512) {
      if (call.isReady()) {
        call.sendMessage(messages.apply(sequence++));
      } else {
        boolean unused = new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
      }
    }
    call.cancel("enough", null);
  }

  private void assertLivesAndTrains() throws Exception {
    training.awaitMoreSteps(30);
    assertThat(edge.isAlive()).as(edge.log()).isTrue();
    assertThat(edge.residentBytes()).isLessThan(400L * MEGABYTE);
  }

  private ManagedChannel channel(GrpcSecurity security) {
    ManagedChannel channel =
        Rpc.connect("127.0.0.1:" + edge.port, Limits.ANSWER_BYTES, security, "edge");
    channels.add(channel);
    return channel;
  }

  private static Envelope.Builder envelope(long sequence) {
    return Envelope.newBuilder()
        .setJob("toy")
        .setFrom("cloud")
        .setTo("edge")
        .setSender("cloud")
        .setIncarnation("hostile")
        .setSequence(sequence);
  }

  private static int crc(ByteString data) {
    CRC32C crc = new CRC32C();
    crc.update(data.asReadOnlyByteBuffer());
    return (int) crc.getValue();
  }

  private static Code endOf(ManagedChannel channel, Envelope message) throws Exception {
    return begin(channel, message).get(30, TimeUnit.SECONDS);
  }

  private static CompletableFuture<Code> begin(ManagedChannel channel, Envelope message) {
    return start(channel, TrainingNodeGrpc.getExchangeMethod(), message);
  }

  private static <Q> Code endOfCall(
      ManagedChannel channel, MethodDescriptor<Q, ?> method, Q message) throws Exception {
    return start(channel, method, message).get(30, TimeUnit.SECONDS);
  }

  private static <Q, A> CompletableFuture<Code> start(
      ManagedChannel channel, MethodDescriptor<Q, A> method, Q message) {
    return start(channel, method, message, CallOptions.DEFAULT);
  }

  private static <Q, A> CompletableFuture<Code> start(
      ManagedChannel channel, MethodDescriptor<Q, A> method, Q message, CallOptions options) {
    CompletableFuture<Code> end = new CompletableFuture<>();
    ClientCall<Q, A> call = channel.newCall(method, options);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status.getCode());
          }
        },
        new Metadata());
    call.request(1);
    call.sendMessage(message);
    if (method.getType().clientSendsOneMessage()) {
      call.halfClose();
    }
    return end;
  }
}
