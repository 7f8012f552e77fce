package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
  private static final String GIVEN =
      "rate of edge-2->cloud fell from 5.00 MB/s to 1.30 MB/s (-74 %) since 12:01:07, conv1 1234";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from 5 MB/s to 1.3 MB/s",
        "it is 1300 kB/s, or 1.3e6",
        "by about 74% or 0.74 since 12:01:07.",
        "by some 70 %, from 5000 kB/s",
        "1,234 of conv1 on edge-2, (edge-2->cloud)",
        "a text without any",
      })
  void whatWasGivenMayBeSaidInOtherUnitsAndRounded(String text) {
    assertThat(Numbers.areKnown(text, Numbers.of(GIVEN), GIVEN)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "6 MB/s",
        "1.5 MB/s",
        "x61",
        "conv9",
        "edge-3",
        "0 %",
        "17:45",
        "1299.9 is 99",
        "~88"
      })
  void anythingElseIsInvented(String text) {
    assertThat(Numbers.areKnown(text, Numbers.of(GIVEN), GIVEN)).isFalse();
  }

  @Test
  void nothingIsKnownOfNothing() {
    assertThat(Numbers.areKnown("7", Numbers.of(""), "")).isFalse();
    assertThat(Numbers.areKnown("0", Numbers.of("0"), "")).isTrue();
  }
}
