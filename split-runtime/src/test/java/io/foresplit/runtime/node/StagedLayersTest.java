package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.StateChunk;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StagedLayersTest {
  private static final byte[] STATE = {1, 2, 3, 4, 5, 6, 7};
  private static final LayerDigest DIGEST =
      LayerDigest.newBuilder()
          .setLayer(2)
          .setSize(STATE.length)
          .setSha256(Checksums.sha256(STATE))
          .build();

  private final StagedLayers staged = new StagedLayers(new StagingBudget(8, 1 << 20));

  @Test
  void chunksInAnyOrderAndTwiceMakeTheState() throws Exception {
    staged.accept(chunk("a", 1, new byte[] {4, 5, 6}));
    staged.accept(chunk("a", 2, new byte[] {7}));
    staged.accept(chunk("a", 1, new byte[] {4, 5, 6}));
    staged.accept(chunk("a", 0, new byte[] {1, 2, 3}));

    assertThat(staged.verified("a", List.of(DIGEST), Duration.ZERO).get(2)).isEqualTo(STATE);
    assertThat(staged.complete("a")).containsOnlyKeys(2);
  }

  @Test
  void aDamagedChunkSpoilsItsLayerAtOnce() {
    staged.accept(chunk("a", 0, new byte[] {1, 2, 3}));
    staged.accept(chunk("a", 1, new byte[] {4, 5, 6}));
    staged.accept(chunk("a", 2, new byte[] {7}).toBuilder().setCrc(1).build());

    assertThatThrownBy(() -> staged.verified("a", List.of(DIGEST), Duration.ofDays(1)))
        .hasMessage("layer 2: chunk 2 of 3 came damaged");
  }

  @Test
  void aLayerThatDoesNotComeIsNotWaitedForForEver() {
    staged.accept(chunk("a", 0, new byte[] {1, 2, 3}));

    assertThatThrownBy(() -> staged.verified("a", List.of(DIGEST), Duration.ZERO))
        .hasMessage("layer 2 did not arrive within 0 ms");
  }

  @Test
  void anotherStateThanTheSourceSentIsRefused() {
    staged.accept(chunk("a", 0, new byte[] {1, 2, 3}));
    staged.accept(chunk("a", 1, new byte[] {4, 5, 0}));
    staged.accept(chunk("a", 2, new byte[] {7}));

    assertThatThrownBy(() -> staged.verified("a", List.of(DIGEST), Duration.ZERO))
        .hasMessage("layer 2 is not what its source sent: checksums differ");
  }

  @Test
  void whatComesForAnEndedActionIsDropped() {
    staged.accept(chunk("a", 0, new byte[] {1, 2, 3}));
    staged.end("a");
    staged.accept(chunk("a", 1, new byte[] {4, 5, 6}));
    staged.accept(chunk("a", 2, new byte[] {7}));

    assertThat(staged.complete("a")).isEmpty();
  }

  @Test
  void whatIsKeptIsBounded() {
    StagedLayers small = new StagedLayers(new StagingBudget(4, 1500));
    small.accept(chunk("a", 0, new byte[500]));
    small.accept(chunk("a", 0, new byte[500])); // again: counts once
    small.accept(chunk("a", 1, new byte[200]));
    small.accept(chunk("a", 2, new byte[500])); // one too many
    assertThat(small.complete("a")).isEmpty();
    for (int i = 0; i < 10_000; i++) {
      small.accept(chunk("other " + i, 0, new byte[500]));
    }
    assertThat(small.heldBytes()).isLessThanOrEqualTo(1500);

    // what was pushed out can come again
    for (int index = 0; index < 3; index++) {
      small.accept(chunk("a", index, new byte[100]));
    }
    assertThat(small.complete("a")).containsOnlyKeys(2);
    small.accept(chunk("a", 0, new byte[0]).toBuilder().setLayer(4).build());
    assertThat(small.complete("a")).containsOnlyKeys(2);
  }

  private static StateChunk chunk(String action, int index, byte[] data) {
    ByteString bytes = ByteString.copyFrom(data);
    return StateChunk.newBuilder()
        .setAction(action)
        .setLayer(2)
        .setIndex(index)
        .setCount(3)
        .setCrc(Checksums.crc(bytes))
        .setData(bytes)
        .build();
  }
}
