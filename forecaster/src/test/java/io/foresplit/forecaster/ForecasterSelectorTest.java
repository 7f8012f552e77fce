package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ForecasterSelectorTest {
  private static final int FORECASTERS = 6;

  private static ForecasterSelector after(int truths, double... losses) {
    ForecasterSelector selector = new ForecasterSelector(FORECASTERS, 1);
    for (int i = 0; i < truths; i++) {
      selector.learn(0, losses);
    }
    return selector;
  }

  @Test
  void theFirstForecasterIsAloneUntilEnoughIsKnown() {
    assertThat(after(3, 9, 1, 1, 1, 1, 1).mix().weights()).containsExactly(1, 0, 0, 0, 0, 0);
    assertThat(after(4, 9, 1, 1, 1, 1, 1).mix().weights()[0]).isZero();
  }

  @Test
  void lessLossIsMoreWeight() {
    double[] weights = after(10, 2, 1.5, 1, 1.2, 8, 9).mix().weights();
    assertThat(weights[2]).isGreaterThan(weights[3]);
    assertThat(weights[3]).isGreaterThan(weights[1]);
    assertThat(weights[4] + weights[5]).isZero();
    assertThat(weights[0] + weights[1] + weights[2] + weights[3]).isBetween(1 - 1e-12, 1 + 1e-12);
  }

  @Test
  void aSlightlyBetterOneDoesNotTakeOver() {
    ForecasterSelector selector = after(40, 1, 1, 1, 1, 1.05, 9);
    for (int i = 0; i < 200; i++) {
      selector.learn(0, new double[] {1, 1, 1, 1, 0.9, 9});
    }
    assertThat(selector.mix().weights()[4]).isZero();
    for (int i = 0; i < 200; i++) {
      selector.learn(0, new double[] {1, 1, 1, 1, 0.8, 9});
    }
    assertThat(selector.mix().weights()[4]).isGreaterThan(0.25);
  }

  @Test
  void extremeLossesLeaveWeightsNumbers() {
    double[] losses = {0, 1e300, Double.POSITIVE_INFINITY, 1e-320, 0, 1};
    assertThat(after(10, losses).mix().weights())
        .containsExactly(1.0 / 3, 0, 0, 1.0 / 3, 1.0 / 3, 0);
  }

  @Test
  void whatIsReadBackDecidesTheSame() throws IOException {
    ForecasterSelector selector = new ForecasterSelector(FORECASTERS, 3);
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      selector.learn(i % 3, random.doubles(FORECASTERS).toArray());
    }
    ForecasterSelector restored = new ForecasterSelector(FORECASTERS, 3);
    restored.readFrom(new DataInputStream(new ByteArrayInputStream(bytes(selector))));
    for (int i = 0; i < 50; i++) {
      double[] losses = random.doubles(FORECASTERS).toArray();
      selector.learn(i % 3, losses);
      restored.learn(i % 3, losses);
      assertThat(restored.mix().weights()).isEqualTo(selector.mix().weights());
    }
    assertThat(bytes(restored)).isEqualTo(bytes(selector)).hasSizeLessThan(100);
  }

  private static byte[] bytes(ForecasterSelector selector) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    selector.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}
