package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Probe;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes faster than it is used waits at its sender. */
@Timeout(30)
class FlowControlTest {
  private final List<CompletableFuture<Void>> working = new ArrayList<>();
  private final LinkReceiver receiver =
      new LinkReceiver(
          "job",
          Set.of("device"),
          envelope -> {
            CompletableFuture<Void> work = new CompletableFuture<>();
            working.add(work);
            return work;
          });
  private final Caller caller = new Caller();
  private final CountDownLatch delivered = new CountDownLatch(9);

  @Test
  void noMoreIsAskedForThanIsWorkedOn() {
    StreamObserver<Envelope> stream = receiver.open(caller);
    assertThat(caller.asked).isEqualTo(1);
    for (int i = 1; i <= LinkReceiver.WINDOW; i++) {
      stream.onNext(numbered("device", i));
    }
    assertThat(caller.asked).isEqualTo(LinkReceiver.WINDOW);
    assertThat(caller.acknowledged).isEqualTo(LinkReceiver.WINDOW);

    working.get(0).complete(null);
    assertThat(caller.asked).isEqualTo(LinkReceiver.WINDOW + 1);
    stream.onNext(numbered("device", LinkReceiver.WINDOW + 1));
    assertThat(caller.asked).isEqualTo(LinkReceiver.WINDOW + 1);
    working.get(1).complete(null);
    assertThat(caller.asked).isEqualTo(LinkReceiver.WINDOW + 2);
  }

  @Test
  void whoReadsNoAcknowledgementsIsAskedForNothing() {
    StreamObserver<Envelope> stream = receiver.open(caller);
    caller.ready = false;
    stream.onNext(numbered("device", 1));
    assertThat(caller.asked).isEqualTo(1);

    caller.ready = true;
    caller.onReady.run();
    assertThat(caller.asked).isEqualTo(2);
    caller.onReady.run();
    assertThat(caller.asked).isEqualTo(2);
  }

  @Test
  void onlyNeighboursAreHeard() {
    receiver.open(caller).onNext(numbered("nobody", 1));

    assertThat(working).isEmpty();
    assertThat(caller.error)
        .hasMessageContaining("expected an envelope from one of [device], was 'nobody'");
  }

  @Test
  void aLinkThatIsFullSaysSoUntilItsFarEndHasTakenIt() throws Exception {
    List<StreamObserver<Ack>> farEnds = new CopyOnWriteArrayList<>();
    LinkSender link = link(farEnds);
    link.start();
    assertThat(link.room().free()).isCompleted();
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      sent.add(link.send(megabyte()));
    }
    CompletableFuture<Void> room = link.room().free();
    assertThat(room).isNotDone();
    assertThat(link.room().isClogged()).isFalse();

    assertThat(delivered.await(20, TimeUnit.SECONDS)).isTrue();
    farEnds.get(0).onNext(Ack.newBuilder().setSequence(9).build());
    for (CompletableFuture<Void> done : sent) {
      done.get(20, TimeUnit.SECONDS);
    }
    room.get(20, TimeUnit.SECONDS);
    assertThat(link.room().free()).isCompleted();
    link.close();
  }

  @Test
  void aLinkThatIsFullAndBrokenHoldsNobodyUp() throws Exception {
    List<StreamObserver<Ack>> farEnds = new CopyOnWriteArrayList<>();
    LinkSender link = link(farEnds);
    link.start();
    for (int i = 0; i < 9; i++) {
      CompletableFuture<Void> unused = link.send(megabyte());
    }
    CompletableFuture<Void> room = link.room().free();
    assertThat(delivered.await(20, TimeUnit.SECONDS)).isTrue();
    farEnds.get(0).onError(new IllegalStateException("gone"));

    room.get(20, TimeUnit.SECONDS);
    assertThat(link.room().isClogged()).isTrue();
    link.close();
  }

  private LinkSender link(List<StreamObserver<Ack>> farEnds) {
    return new LinkSender(
        new ComponentId("device->edge"),
        "life",
        new Wire(t -> 1e12, t -> 0),
        new TrainingClock(System::nanoTime, System.nanoTime()),
        Pacer.parking(System::nanoTime),
        new NodeMetrics(new NodeId("device"), System::nanoTime),
        acks -> {
          farEnds.add(acks);
          return new StreamObserver<>() {
            @Override
            public void onNext(Envelope envelope) {
              delivered.countDown();
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
          };
        });
  }

  private static Envelope megabyte() {
    return Envelope.newBuilder()
        .setProbe(Probe.newBuilder().setPadding(ByteString.copyFrom(new byte[1 << 20])))
        .build();
  }

  private static Envelope numbered(String sender, long sequence) {
    return Envelope.newBuilder()
        .setJob("job")
        .setSender(sender)
        .setIncarnation("life")
        .setSequence(sequence)
        .setActivation(Activation.getDefaultInstance())
        .build();
  }

  /** A caller that counts what it is asked for. */
  private static final class Caller extends ServerCallStreamObserver<Ack> {
    private int asked;
    private int acknowledged;
    private boolean ready = true;
    private Runnable onReady = () -> {};
    private Throwable error;

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void request(int count) {
      asked += count;
    }

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public void onNext(Ack ack) {
      acknowledged++;
    }

    @Override
    public void onError(Throwable thrown) {
      error = thrown;
    }

    @Override
    public void onCompleted() {}
  }
}
