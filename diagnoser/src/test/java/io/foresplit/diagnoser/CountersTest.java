package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CountersTest {
  private static final int END = 100;

  /** Read each five steps, 2 a step before the end and 7 after it. */
  private static double[] counted() {
    double[] values = new double[150];
    double total = 1000;
    for (int i = 0; i < values.length; i++) {
      if (i % 5 == 0) {
        total += i <= END ? 10 : 35;
      }
      values[i] = total;
    }
    return values;
  }

  @Test
  void aCounterIsItsRate() {
    double[] rates = Counters.rates(counted(), END);

    assertThat(Arrays.copyOfRange(rates, 1, END + 1)).containsOnly(2);
    assertThat(Arrays.copyOfRange(rates, END + 1, 146)).containsOnly(7);
  }

  @Test
  void gapsAndABeginAnewAreNoRate() {
    double[] values = counted();
    values[52] = Double.NaN;
    for (int i = 120; i < 150; i++) {
      values[i] -= values[119];
    }
    double[] rates = Counters.rates(values, END);

    assertThat(Arrays.copyOfRange(rates, 1, END + 1)).containsOnly(2);
    assertThat(rates[120]).isNaN();
    assertThat(rates[125]).isEqualTo(7);
  }

  @Test
  void aCounterThatStopsHasTheRateZero() {
    double[] values = counted();
    Arrays.fill(values, 110, 150, values[110]);

    assertThat(Counters.rates(values, END)[149]).isZero();
  }

  @Test
  void whatFallsOrRisesNowAndThenIsNoCounter() {
    double[] falls = counted();
    falls[72] -= 1;
    double[] steps = new double[150];
    Arrays.setAll(steps, i -> Math.floor(Math.sqrt(i)));

    assertThat(Counters.rates(falls, END)).isSameAs(falls);
    assertThat(Counters.rates(steps, END)).isSameAs(steps);
    assertThat(Counters.rates(new double[150], END)).containsOnly(0);
  }
}
