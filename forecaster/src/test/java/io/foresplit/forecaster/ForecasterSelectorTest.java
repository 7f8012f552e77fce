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
  private static final double[] ALIKE = {1, 1, 1, 1, 1, 1};
  private static final double[] TRUSTED = {4, 1, 1};

  private static ForecasterSelector after(int truths, double... losses) {
    ForecasterSelector selector = new ForecasterSelector(ALIKE.length, 1);
    for (int i = 0; i < truths; i++) {
      selector.learn(0, losses, ALIKE);
    }
    return selector;
  }

  @Test
  void theFirstForecasterIsAloneUntilEnoughIsKnown() {
    assertThat(after(3, 9, 1, 1, 1, 1, 1).mix(ALIKE).weights()).containsExactly(1, 0, 0, 0, 0, 0);
    assertThat(after(4, 9, 1, 1, 1, 1, 1).mix(ALIKE).weights()[0]).isZero();
  }

  @Test
  void lessLossIsMoreWeight() {
    double[] weights = after(10, 2, 1.5, 1, 1.2, 8, 9).mix(ALIKE).weights();
    assertThat(weights[2]).isGreaterThan(weights[3]);
    assertThat(weights[3]).isGreaterThan(weights[1]);
    assertThat(weights[4] + weights[5]).isZero();
    assertThat(weights[0] + weights[1] + weights[2] + weights[3]).isBetween(1 - 1e-12, 1 + 1e-12);
  }

  @Test
  void trustFadesAsTruthsBecomeKnown() {
    double before = 1;
    for (int truths : new int[] {4, 8, 16, 64, 1000}) {
      ForecasterSelector selector = new ForecasterSelector(TRUSTED.length, 1);
      for (int i = 0; i < truths; i++) {
        selector.learn(0, new double[] {1, 1, 1}, TRUSTED);
      }
      double trusted = selector.mix(TRUSTED).weights()[0];
      assertThat(trusted).as("after %s truths", truths).isLessThanOrEqualTo(before);
      before = trusted;
      if (truths == 4) {
        assertThat(trusted).isGreaterThan(0.85);
      }
    }
    assertThat(before).isBetween(1.0 / 3, 0.35);
  }

  @Test
  void oneThatIsTrustedLessIsTakenInWhenItIsMuchBetter() {
    ForecasterSelector selector = new ForecasterSelector(TRUSTED.length, 1);
    for (int i = 0; i < 16; i++) {
      selector.learn(0, new double[] {1, 0.3, 1}, TRUSTED);
    }
    assertThat(selector.mix(TRUSTED).weights()[1]).isGreaterThan(0.9);
  }

  @Test
  void aSlightlyBetterOneDoesNotTakeOver() {
    ForecasterSelector selector = after(40, 1, 1, 1, 1, 1.05, 9);
    for (int i = 0; i < 200; i++) {
      selector.learn(0, new double[] {1, 1, 1, 1, 0.9, 9}, ALIKE);
    }
    assertThat(selector.mix(ALIKE).weights()[4]).isZero();
    for (int i = 0; i < 200; i++) {
      selector.learn(0, new double[] {1, 1, 1, 1, 0.8, 9}, ALIKE);
    }
    assertThat(selector.mix(ALIKE).weights()[4]).isGreaterThan(0.25);
  }

  @Test
  void extremeLossesLeaveWeightsNumbers() {
    double[] losses = {0, 1e300, Double.POSITIVE_INFINITY, 1e-320, 0, 1};
    assertThat(after(10, losses).mix(ALIKE).weights())
        .containsExactly(1.0 / 3, 0, 0, 1.0 / 3, 1.0 / 3, 0);
  }

  @Test
  void whatIsReadBackDecidesTheSame() throws IOException {
    ForecasterSelector selector = new ForecasterSelector(ALIKE.length, 3);
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      selector.learn(i % 3, random.doubles(ALIKE.length).toArray(), ALIKE);
    }
    ForecasterSelector restored = new ForecasterSelector(ALIKE.length, 3);
    restored.readFrom(new DataInputStream(new ByteArrayInputStream(bytes(selector))));
    for (int i = 0; i < 50; i++) {
      double[] losses = random.doubles(ALIKE.length).toArray();
      selector.learn(i % 3, losses, ALIKE);
      restored.learn(i % 3, losses, ALIKE);
      assertThat(restored.mix(ALIKE).weights()).isEqualTo(selector.mix(ALIKE).weights());
    }
    assertThat(bytes(restored)).isEqualTo(bytes(selector)).hasSizeLessThan(100);
  }

  private static byte[] bytes(ForecasterSelector selector) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    selector.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}
