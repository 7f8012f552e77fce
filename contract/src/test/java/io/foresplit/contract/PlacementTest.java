package io.foresplit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
  @Test
  void whatIsDescribedIsReadBack() {
    Placement placement =
        Placement.ofCuts(
            List.of(Fixtures.DEVICE, new NodeId("edge-2.a_b"), Fixtures.CLOUD), 7, List.of(1, 4));
    assertThat(placement.describe()).isEqualTo("device[0] edge-2.a_b[1-3] cloud[4-6]");
    assertThat(Placement.parse(placement.describe(), 7)).contains(placement);
    assertThat(Placement.parse("device[0-1] edge[2-3] cloud[4-6]", 7))
        .contains(Fixtures.placement());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "device",
        "device[0-6] ",
        "device[0-6]; edge[6]",
        "device[0-5]",
        "device[0-7]",
        "device[0] cloud[2-6]",
        "device[0] device[0-6]",
        "device[3-1]",
        "device[0-999999]",
        "device[0-99999999999999999999]",
        "-x[0-6]",
        "device[-1-6]"
      })
  void anythingElseIsNone(String text) {
    assertThat(Placement.parse(text, 7)).isEmpty();
  }
}
