package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class AnomalyScorerPropertyTest {
  @Property(tries = 60, seed = "7")
  void noScoreUsesALaterValue(
      @ForAll("values") double[] values, @ForAll @DoubleRange(min = 0, max = 1) double share) {
    int length = (int) (share * values.length);
    assertThat(scores(Arrays.copyOf(values, length)))
        .isEqualTo(Arrays.copyOf(scores(values), length));
  }

  @Property(tries = 60, seed = "7")
  void aScoreIsFromZeroToOneWhateverTheValues(@ForAll("values") double[] values) {
    assertThat(scores(values)).doesNotContain(Double.NaN);
    assertThat(Arrays.stream(scores(values))).allMatch(score -> score >= 0 && score <= 1);
  }

  @Property(tries = 20, seed = "7")
  void theScaleOfTheSeriesDoesNotMatter(@ForAll @IntRange(min = -20, max = 20) int power) {
    double[] values = daily(3000, 5);
    values[2500] += 300;
    double factor = Math.pow(2, power);
    double[] scaled = Arrays.stream(values).map(v -> v * factor).toArray();
    double[] expected = scores(values);
    double[] actual = scores(scaled);
    for (int i = 0; i < values.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-6));
    }
  }

  @Example
  void theFirstValueDoesNotSetThePrecision() {
    double[] near = daily(3000, 5);
    double[] far = daily(3000, 5);
    near[0] = 0;
    far[0] = 0;
    for (int i = 1; i < far.length; i++) {
      far[i] += 1L << 30;
    }
    SeasonalMemory of = new SeasonalMemory();
    SeasonalMemory other = new SeasonalMemory();
    double known = 0;
    for (int i = 0; i < near.length; i++) {
      double expected = of.distance(near[i]);
      double actual = other.distance(far[i]);
      if (i > 2600) {
        assertThat(actual).isCloseTo(expected, within(1e-5));
        known += expected;
      }
      of.append(near[i]);
      other.append(far[i]);
    }
    assertThat(known).isPositive();
  }

  @Example
  void seasonsAreKnownAtAnyScale() {
    for (double factor : new double[] {0x1p-300, 0x1p600, 0x1p950}) {
      double[] values = daily(3000, 5);
      values[2500] += 300;
      double[] expected = scores(values);
      double[] actual = scores(Arrays.stream(values).map(v -> v * factor).toArray());
      for (int i = 0; i < values.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-6));
      }
    }
  }

  @Example
  void aConstantSeriesAndMissingValuesScoreNothing() {
    double[] constant = new double[2000];
    Arrays.fill(constant, 42.5);
    assertThat(Arrays.stream(scores(constant)).max().orElseThrow()).isZero();
    constant[1500] = Double.NaN;
    assertThat(scores(constant)[1500]).isZero();
  }

  @Example
  void aRampIsNoAnomaly() {
    double[] ramp = new double[3000];
    Arrays.setAll(ramp, i -> 0.5 * i);
    assertThat(Arrays.stream(scores(ramp)).max().orElseThrow()).isLessThan(0.3);
  }

  @Example
  void aSpikeStandsOut() {
    double[] values = noise(4000, 1);
    values[3000] += 25;
    assertStandsOut(values, 3000, 3000);
  }

  @Example
  void aShiftOfTheLevelStandsOut() {
    double[] values = noise(4000, 2);
    for (int i = 3000; i < values.length; i++) {
      values[i] += 8;
    }
    assertStandsOut(values, 3000, 3020);
  }

  @Example
  void aChangeOfTheVarianceStandsOut() {
    double[] values = noise(4000, 3);
    for (int i = 3000; i < values.length; i++) {
      values[i] *= 6;
    }
    assertStandsOut(values, 3000, 3060);
  }

  @Example
  void aDayWithoutItsPeakStandsOut() {
    double[] values = daily(4032, 4);
    for (int i = 3168 + 100; i < 3168 + 188; i++) { // the eleventh noon
      values[i] = 40;
    }
    assertStandsOut(values, 3168 + 100, 3168 + 200);
  }

  @Example
  void oneEventIsOneAlarm() {
    double[] values = noise(4000, 6);
    for (int i = 3000; i < 3100; i += 10) {
      values[i] += 25;
    }
    double[] scores = scores(values);
    double first = scores[3000];
    assertThat(Arrays.stream(scores, 3001, 3100)).allMatch(score -> score < 0.9 * first);
  }

  private static void assertStandsOut(double[] values, int from, int to) {
    double[] scores = scores(values);
    double before = Arrays.stream(scores, 0, from).max().orElseThrow();
    double event = Arrays.stream(scores, from, to + 1).max().orElseThrow();
    assertThat(event).isGreaterThan(before).isGreaterThan(0.38);
  }

  private static double[] scores(double[] values) {
    AnomalyScorer scorer = new AnomalyScorer();
    return Arrays.stream(values).map(scorer::next).toArray();
  }

  private static double[] noise(int length, long seed) {
    Random random = new Random(seed);
    double[] values = new double[length];
    Arrays.setAll(values, i -> 10 + random.nextGaussian());
    return values;
  }

  private static double[] daily(int length, long seed) {
    Random random = new Random(seed);
    double[] values = new double[length];
    Arrays.setAll(values, i -> 60 - 20 * Math.cos(2 * Math.PI * i / 288) + random.nextGaussian());
    return values;
  }

  @Provide
  Arbitrary<double[]> values() {
    return Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.doubles().between(-10, 10)),
            Tuple.of(1, Arbitraries.doubles()),
            Tuple.of(1, Arbitraries.just(Double.NaN)),
            Tuple.of(2, Arbitraries.just(3.0)))
        .array(double[].class)
        .ofMinSize(0)
        .ofMaxSize(1500);
  }
}
