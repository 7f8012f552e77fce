package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Gradient;
import io.foresplit.runtime.proto.StateChunk;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinkTest {
  private final List<Integer> received = new CopyOnWriteArrayList<>();
  private final LinkReceiver receiver =
      new LinkReceiver(
          "job",
          Set.of("device"),
          envelope -> {
            received.add(envelope.getChunk().getIndex());
            return LinkReceiver.NOW;
          });

  @Test
  void whatABrokenStreamLeavesOpenIsSentAgainAndTakenOnce() throws Exception {
    List<Fragile> streams = new CopyOnWriteArrayList<>();
    LinkSender sender =
        sender(
            acks -> {
              // the first stream loses all acknowledgements and breaks at the third envelope
              Fragile stream = new Fragile(acks, streams.isEmpty() ? 3 : Integer.MAX_VALUE);
              streams.add(stream);
              return stream;
            });
    sender.start();

    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      sent.add(sender.send(envelope(i)));
    }
    for (CompletableFuture<Void> done : sent) {
      done.get(20, TimeUnit.SECONDS);
    }

    assertThat(received).isEqualTo(IntStream.range(0, 6).boxed().toList());
    assertThat(streams).hasSize(2);
    sender.close();
    assertThatThrownBy(() -> sender.send(envelope(7)).get())
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("link device->edge is closed");
  }

  @Test
  void piecesOfLayerStateGiveWayToSteps() throws Exception {
    List<String> order = new CopyOnWriteArrayList<>();
    LinkReceiver counting =
        new LinkReceiver(
            "job",
            Set.of("device"),
            envelope -> {
              order.add(envelope.getBodyCase().name());
              return LinkReceiver.NOW;
            });
    LinkSender sender = sender(counting::open);
    sender.start();
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      // 20 ms each on the wire
      sent.add(sender.send(envelope(i, 20_000)));
    }
    sent.add(
        sender.send(envelope(0).toBuilder().setGradient(Gradient.newBuilder().setStep(1)).build()));
    for (CompletableFuture<Void> done : sent) {
      done.get(20, TimeUnit.SECONDS);
    }

    assertThat(order).hasSize(21);
    // it waits for the piece on the wire, and for others only if this thread was slow
    assertThat(order.indexOf("GRADIENT")).isBetween(0, 10);
    assertThat(order.get(20)).isEqualTo("CHUNK");
    sender.close();
  }

  @Test
  void repeatedAndSkippedEnvelopesChangeNothing() {
    List<Long> acknowledged = new ArrayList<>();
    List<Throwable> refused = new ArrayList<>();
    StreamObserver<Envelope> stream = receiver.open(acks(acknowledged, refused));

    stream.onNext(numbered(1));
    stream.onNext(numbered(1));
    stream.onNext(numbered(3));
    stream.onNext(numbered(2));

    assertThat(received).containsExactly(1);
    assertThat(acknowledged).containsExactly(1L, 1L);
    assertThat(refused)
        .singleElement()
        .asString()
        .contains("expected envelope 2 from device, was 3");

    receiver.open(acks(acknowledged, refused)).onNext(numbered(2));
    assertThat(received).containsExactly(1, 2);
  }

  @Test
  void anEnvelopeOfAnotherJobIsRefused() {
    List<Throwable> refused = new ArrayList<>();

    receiver
        .open(acks(new ArrayList<>(), refused))
        .onNext(numbered(1).toBuilder().setJob("other").build());

    assertThat(received).isEmpty();
    assertThat(refused)
        .singleElement()
        .asString()
        .contains("expected an envelope of job job, was 'other'");
  }

  /** A stream to the receiver that breaks at its n-th envelope, acknowledgements going nowhere. */
  private final class Fragile implements StreamObserver<Envelope> {
    private final StreamObserver<Ack> acks;
    private final StreamObserver<Envelope> inner;
    private int left;

    Fragile(StreamObserver<Ack> acks, int left) {
      this.acks = acks;
      this.left = left;
      inner =
          receiver.open(
              left == Integer.MAX_VALUE ? acks : acks(new ArrayList<>(), new ArrayList<>()));
    }

    @Override
    public void onNext(Envelope envelope) {
      if (--left == 0) {
        acks.onError(new IllegalStateException("cut"));
      } else if (left > 0) {
        inner.onNext(envelope);
      }
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }

  private static StreamObserver<Ack> acks(List<Long> acknowledged, List<Throwable> refused) {
    return new StreamObserver<>() {
      @Override
      public void onNext(Ack ack) {
        acknowledged.add(ack.getSequence());
      }

      @Override
      public void onError(Throwable error) {
        refused.add(error);
      }

      @Override
      public void onCompleted() {}
    };
  }

  private static LinkSender sender(Function<StreamObserver<Ack>, StreamObserver<Envelope>> open) {
    return new LinkSender(
        ComponentId.link(new NodeId("device"), new NodeId("edge")),
        "life",
        new Wire(t -> 1e6, t -> 0.001),
        new TrainingClock(System::nanoTime, System.nanoTime()),
        Pacer.parking(System::nanoTime),
        new NodeMetrics(new NodeId("device"), System::nanoTime),
        open);
  }

  private static Envelope envelope(int index) {
    return envelope(index, 4);
  }

  private static Envelope envelope(int index, int bytes) {
    return Envelope.newBuilder()
        .setJob("job")
        .setFrom("device")
        .setTo("edge")
        .setChunk(
            StateChunk.newBuilder().setIndex(index).setData(ByteString.copyFrom(new byte[bytes])))
        .build();
  }

  private static Envelope numbered(int sequence) {
    return envelope(sequence).toBuilder()
        .setSender("device")
        .setIncarnation("life")
        .setSequence(sequence)
        .build();
  }
}
