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
