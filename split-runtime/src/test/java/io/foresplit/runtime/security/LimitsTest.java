package io.foresplit.runtime.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final NodeId DEVICE = new NodeId("device");
  private static final NodeId CLOUD = new NodeId("cloud");

  private static JobSpec job(long outputBytes, int minOwnerLayers) {
    return new JobSpec(
        new JobId("job"),
        "mlp",
        64,
        Duration.ofSeconds(1),
        List.of(
            new LayerProfile("a", 0, 0, outputBytes, 100), new LayerProfile("b", 0, 0, 10, 100)),
        List.of(new NodeSpec(DEVICE, 1), new NodeSpec(CLOUD, 1)),
        List.of(new LinkSpec(DEVICE, CLOUD, 1, 0), new LinkSpec(CLOUD, DEVICE, 1, 0)),
        DEVICE,
        List.of(CLOUD),
        minOwnerLayers,
        List.of());
  }

  @Test
  void aMessageIsBoundedByTheLargestTensorOfTheJob() {
    assertThat(Limits.ofNode(job(3_000_000, 1), 64 << 20).dataBytes())
        .isEqualTo(3_000_000 + 5 * 64 + (64 << 10));
    // a chunk of layer state always fits
    assertThat(Limits.ofNode(job(10, 1), 64 << 20).dataBytes()).isBetween(256 << 10, 400 << 10);
  }

  @Test
  void rawSamplesOfUnknownSizeGetRoomWhereTheJobLetsThemTravel() {
    assertThat(Limits.ofNode(job(10, 0), 64 << 20).dataBytes()).isEqualTo(4 << 20);
    assertThat(Limits.ofNode(job(3_000_000, 0), 64 << 20).dataBytes()).isEqualTo(12_000_000);
    assertThat(Limits.ofNode(job(3_000_000, 0), 8 << 20).dataBytes()).isEqualTo(8 << 20);
  }

  @Test
  void aJobThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> Limits.ofNode(job(100L << 20, 1), 64 << 20))
        .hasMessage(
            "job job has activations of 104857600 bytes, messages are limited to 67108864;"
                + " take smaller batches");
  }
}
