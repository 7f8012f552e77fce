package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Envelope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BackgroundSenderTest {
  private static final NodeId FAR = new NodeId("far");
  private static final long MILLI = 1_000_000;

  private long now;
  private final List<Long> sentAt = new ArrayList<>();

  @Test
  void itLeavesTheLinkToOthersForTheirShareOfTheTime() {
    BackgroundSender sender =
        new BackgroundSender(
            (to, body) -> {
              sentAt.add(now / MILLI);
              now += MILLI;
              return CompletableFuture.completedFuture(null);
            },
            () -> now,
            deadline -> now = Math.max(now, deadline),
            0.25);

    for (int i = 0; i < 2 * BackgroundSender.BURST + 1; i++) {
      assertThat(sender.send(FAR, Envelope.newBuilder())).isCompleted();
    }

    // 8 ms of sending, then 24 ms for others
    assertThat(sentAt.get(BackgroundSender.BURST - 1)).isEqualTo(7);
    assertThat(sentAt.get(BackgroundSender.BURST)).isEqualTo(32);
    assertThat(sentAt.get(2 * BackgroundSender.BURST)).isEqualTo(64);
  }

  @Test
  void timeInWhichNothingWasSentIsNotRestedForAgain() {
    BackgroundSender sender =
        new BackgroundSender(
            (to, body) -> {
              sentAt.add(now / MILLI);
              now += MILLI;
              return CompletableFuture.completedFuture(null);
            },
            () -> now,
            deadline -> now = Math.max(now, deadline),
            0.5);

    for (int i = 0; i <= BackgroundSender.BURST; i++) {
      CompletableFuture<Void> unused = sender.send(FAR, Envelope.newBuilder());
      now += 99 * MILLI;
    }

    assertThat(sentAt).last().isEqualTo(100L * BackgroundSender.BURST);
  }

  @Test
  void withTheWholeLinkItWaitsForNothing() {
    BackgroundSender sender =
        new BackgroundSender(
            (to, body) -> {
              sentAt.add(now);
              return new CompletableFuture<>();
            },
            () -> now,
            deadline -> now = Math.max(now, deadline),
            1);

    for (int i = 0; i < 3 * BackgroundSender.BURST; i++) {
      assertThat(sender.send(FAR, Envelope.newBuilder())).isNotDone();
    }

    assertThat(sentAt).hasSize(3 * BackgroundSender.BURST).containsOnly(0L);
  }

  @Test
  void aFastLinkTakesLargerPiecesInTheSameTime() {
    assertThat(StateTransfer.sharedChunkBytes(0)).isEqualTo(16 << 10);
    assertThat(StateTransfer.sharedChunkBytes(2.5e6)).isEqualTo(16 << 10);
    assertThat(StateTransfer.sharedChunkBytes(10e6)).isEqualTo(65_000);
    assertThat(StateTransfer.sharedChunkBytes(1e10)).isEqualTo(256 << 10);
  }

  @Test
  void whatADeadNeighbourDoesNotAcknowledgeIsGivenUp() {
    BackgroundSender sender =
        new BackgroundSender(
            (to, body) -> new CompletableFuture<>(), () -> now, deadline -> {}, 0.5);
    CompletableFuture<Void> out = sender.send(FAR, Envelope.newBuilder());
    assertThat(out).isNotDone();

    sender.giveUp();

    assertThat(out).isCompletedExceptionally();
  }
}
