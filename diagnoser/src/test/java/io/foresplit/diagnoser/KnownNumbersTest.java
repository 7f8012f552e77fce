package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.diagnoser.KnownNumbers.Freedom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KnownNumbersTest {
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
        "at 12:01, near 1.30MB/s",
        "a text without any",
      })
  void whatWasGivenMayBeSaidInOtherUnitsAndRounded(String text) {
    assertThat(given(Freedom.OTHER_UNITS).cover(text)).isTrue();
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
        "~88",
        "01:12",
        "12:07",
        "of edge-2 there are 2",
        "it doubled",
        "a sixth of the rate, in ten steps",
        "\u0665 MB/s",
        "61x",
        "since 2026-01-01"
      })
  void anythingElseIsInvented(String text) {
    assertThat(given(Freedom.OTHER_UNITS).cover(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from 5 MB/s to 1.3 MB/s",
        "-74 % since 12:01",
        "1,234 of conv1 on edge-2, (edge-2->cloud)",
        "a text without any"
      })
  void withoutOtherUnitsWhatWasGivenMayBeRounded(String text) {
    assertThat(given(Freedom.ROUNDED).cover(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1300 kB/s", "1.3e6", "0.74", "by some 70 %", "1 MB/s", "conv9", "two", "17:45"})
  void withoutOtherUnitsNothingElseIsKnown(String text) {
    assertThat(given(Freedom.ROUNDED).cover(text)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void numbersInWordsAreNumbers(Freedom freedom) {
    KnownNumbers known = new KnownNumbers(freedom).add("2.00 of 12 layers").add(0.5);
    assertThat(known.cover("two of twelve, or half a dozen")).isTrue();
    assertThat(known.cover("three of twelve")).isFalse();
  }

  /** What is written with its unit is held against the numbers, not against the words. */
  @Test
  void aMeasureIsNoName() {
    KnownNumbers known = new KnownNumbers(Freedom.OTHER_UNITS).addNames("edge-2 at 2.94x").add(3.5);
    assertThat(known.cover("edge-2 at 3.5x")).isTrue();
    assertThat(known.cover("edge-2 at 2.94x")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "347 seconds",
        "347 ms",
        "347 MB/s",
        "347 kB",
        "20 s",
        "20 %",
        "0.5 MB/s",
        "97 s",
        "12 kB/s"
      })
  void anotherUnitIsAnotherNumber(String text) {
    assertThat(measured().cover(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "347 kB/s",
        "0.347 MB/s",
        "347 kB a second",
        "20 ms",
        "0.02 s",
        "20 milliseconds",
        "97 %",
        "0.97",
        "12 steps",
        "12 s",
        "500 ms",
        "347"
      })
  void theSameMayBeSaidInAnotherUnitOfItsKind(String text) {
    assertThat(measured().cover(text)).isTrue();
  }

  /** Twelve has no unit, so it may have any. */
  private static KnownNumbers measured() {
    return new KnownNumbers(Freedom.OTHER_UNITS)
        .add("fell to 347 kB/s, takes 20 ms, probability 97 %, 12 of them")
        .add(0.5);
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsKnownOfNothing(Freedom freedom) {
    assertThat(new KnownNumbers(freedom).cover("7")).isFalse();
    assertThat(new KnownNumbers(freedom).add(Double.NaN).cover("0")).isFalse();
    assertThat(new KnownNumbers(freedom).add("0").cover("0")).isTrue();
  }

  private static KnownNumbers given(Freedom freedom) {
    return new KnownNumbers(freedom).add(GIVEN);
  }
}
