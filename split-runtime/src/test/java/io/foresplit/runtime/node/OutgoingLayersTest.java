package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The source of a pre-copy, over a link whose acknowledgements the test gives. */
@Timeout(30)
class OutgoingLayersTest {
  private static final LayerRun RUN = new LayerRun(1, 2);
  private static final int CHUNK = 64;
  private static final int WINDOW = 2;

  private record Sent(StateChunk chunk, CompletableFuture<Void> arrived) {}

  private final BlockingQueue<Sent> link = new LinkedBlockingQueue<>();
  private final StateTransfer transfer =
      new StateTransfer(
          (to, body) -> {
            CompletableFuture<Void> arrived = new CompletableFuture<>();
            link.add(new Sent(body.getChunk(), arrived));
            return arrived;
          },
          new NodeId("cloud"),
          CHUNK,
          WINDOW);

  @Test
  void theSnapshotGoesFirstAndStepsFollowInOrder() throws Exception {
    OutgoingLayers layers = layers(1 << 20);
    layers.input(7, tensor(1));
    layers.gradient(7, tensor(2));
    layers.input(8, tensor(3));

    List<String> order = new ArrayList<>();
    long bytes = 0;
    while (order.size() < 5) {
      Sent sent = take();
      bytes += sent.chunk().getData().size();
      assertThat(sent.chunk().getData().size()).isLessThanOrEqualTo(CHUNK);
      assertThat(Checksums.crc(sent.chunk().getData())).isEqualTo(sent.chunk().getCrc());
      if (sent.chunk().getIndex() == 0) {
        order.add(
            sent.chunk().getPart() + " " + sent.chunk().getLayer() + " " + sent.chunk().getStep());
      }
      sent.arrived().complete(null);
    }
    assertThat(order)
        .containsExactly("SNAPSHOT 1 7", "SNAPSHOT 2 7", "INPUT 1 7", "GRADIENT 1 7", "INPUT 1 8");
    assertThat(layers.progress().getNextStep()).isEqualTo(8);
    assertThat(layers.progress().getSnapshotBytes() + layers.progress().getRecordedBytes())
        .isGreaterThanOrEqualTo(bytes);
    assertThat(layers.progress().getFailure()).isEmpty();
    layers.close();
  }

  @Test
  void noMoreThanTheWindowIsUnderWay() throws Exception {
    OutgoingLayers layers = layers(1 << 20);
    Sent first = take();
    Sent second = take();

    assertThat(link.poll(50, TimeUnit.MILLISECONDS)).isNull();
    first.arrived().complete(null);
    assertThat(take().chunk().getIndex()).isEqualTo(second.chunk().getIndex() + 1);
    layers.close();
  }

  @Test
  void whatWaitsIsBoundedAndTrainingDoesNotNotice() {
    OutgoingLayers layers = layers(500);
    for (int step = 7; step < 100; step++) {
      layers.input(step, tensor(step));
      layers.gradient(step, tensor(step));
    }

    assertThat(layers.progress().getFailure())
        .isEqualTo("more than 500 bytes of steps wait to be sent");
    layers.close();
  }

  @Test
  void aLinkThatIsClosedEndsThePreCopy() throws Exception {
    OutgoingLayers layers = layers(1 << 20);
    take().arrived().completeExceptionally(new IOException("link edge->cloud is closed"));

    while (layers.progress().getFailure().isEmpty()) {
      Thread.onSpinWait();
    }
    assertThat(layers.progress().getFailure()).isEqualTo("link edge->cloud is closed");
  }

  private OutgoingLayers layers(long maxWaitingBytes) {
    ScalingCompute compute = new ScalingCompute(16, true);
    compute.initialise(1, 2);
    List<LayerState> snapshot = compute.export(1, 2);
    return new OutgoingLayers(
        "a", RUN, 7, snapshot, transfer, System::nanoTime, () -> maxWaitingBytes);
  }

  private Sent take() throws InterruptedException {
    Sent sent = link.poll(20, TimeUnit.SECONDS);
    assertThat(sent).isNotNull();
    return sent;
  }

  private static Tensor tensor(float value) {
    return new Tensor(new float[] {value, value}, new long[] {1, 2});
  }
}
