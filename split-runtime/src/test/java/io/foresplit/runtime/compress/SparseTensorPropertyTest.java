package io.foresplit.runtime.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.Compression;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SparseTensorPropertyTest {
  private static final String SEED = "20261121";

  @Provide
  Arbitrary<float[]> values() {
    Arbitrary<Float> wild = Arbitraries.floats().filter(Float::isFinite);
    Arbitrary<Float> few = Arbitraries.of(0f, -0f, 1f, -1f, Float.MAX_VALUE, -Float.MAX_VALUE);
    return Arbitraries.oneOf(wild, few).array(float[].class).ofMinSize(1).ofMaxSize(300);
  }

  @Provide
  Arbitrary<Compression> compressions() {
    return Combinators.combine(
            Arbitraries.doubles().between(0.001, 1).ofScale(3),
            Arbitraries.integers().between(1, 16))
        .as(Compression::new);
  }

  @Property(tries = 500, seed = SEED)
  void theMaskKeepsTheLargestAndOfEqualOnesTheFirst(
      @ForAll("values") float[] values, @ForAll("compressions") Compression compression) {
    Mask mask = Mask.ofLargest(values, compression);

    int[] expected =
        IntStream.range(0, values.length)
            .boxed()
            .sorted((a, b) -> Float.compare(Math.abs(values[b]), Math.abs(values[a])))
            .limit(compression.kept(values.length))
            .mapToInt(Integer::intValue)
            .sorted()
            .toArray();
    assertThat(mask.positions()).isEqualTo(expected);
  }

  @Property(tries = 500, seed = SEED)
  void whatArrivesHasTheMaskAndIsWithinALevel(
      @ForAll("values") float[] values,
      @ForAll("compressions") Compression compression,
      @ForAll long seed) {
    Mask mask = Mask.ofLargest(values, compression);
    SparseTensor sent = SparseTensor.ofActivation(values, mask, compression.bits(), seed);

    SparseTensor.Values got = sent.activation(values.length);

    assertThat(got.mask()).isEqualTo(mask);
    assertThat(sent).isEqualTo(SparseTensor.ofActivation(values, mask, compression.bits(), seed));
    assertClose(values, got.values(), mask, sent.levels());
  }

  @Property(tries = 500, seed = SEED)
  void theGradientHasTheMaskOfItsActivationAndCarriesNoPositions(
      @ForAll("values") float[] activation,
      @ForAll("compressions") Compression compression,
      @ForAll long seed) {
    Mask mask = Mask.ofLargest(activation, compression);
    float[] gradient = new float[activation.length];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = (float) random.nextGaussian();
    }

    SparseTensor sent = SparseTensor.ofGradient(gradient, mask, compression.bits(), seed);

    assertThat(sent.positions()).isEmpty();
    assertClose(gradient, sent.gradient(mask), mask, sent.levels());
  }

  private static void assertClose(float[] sent, float[] got, Mask mask, Levels levels) {
    double step =
        ((double) levels.greatest() - levels.least()) / ((1 << levels.bits()) - 1) * 1.000001;
    float[] expected = new float[sent.length];
    for (int position : mask.positions()) {
      expected[position] = sent[position];
      assertThat(got[position] >= levels.least() && got[position] <= levels.greatest()).isTrue();
      assertThat(Math.abs((double) got[position] - sent[position]))
          .isLessThanOrEqualTo(step + Math.ulp(sent[position]));
      expected[position] = got[position];
    }
    assertThat(got).isEqualTo(expected);
  }

  @Property(tries = 20, seed = SEED)
  void roundingIsUnbiasedGivenTheMask(@ForAll @IntRange(min = 1, max = 8) int bits) {
    float[] values = {-3, 0.1f, 0.2f, 0.77f, 1.5f, 2.9f, 5};
    Mask mask = Mask.ofLargest(values, new Compression(1, bits));
    int draws = 20_000;
    double[] sums = new double[values.length];
    for (int draw = 0; draw < draws; draw++) {
      float[] got =
          SparseTensor.ofActivation(values, mask, bits, draw).activation(values.length).values();
      for (int i = 0; i < got.length; i++) {
        sums[i] += got[i];
      }
    }
    // a rounded value has at most a standard deviation of half a level
    double step = 8.0 / ((1 << bits) - 1);
    double tolerance = 5 * step / 2 / Math.sqrt(draws) + 1e-6;
    for (int i = 0; i < values.length; i++) {
      assertThat(sums[i] / draws)
          .as("%s at %d bits", values[i], bits)
          .isCloseTo(values[i], within(tolerance));
    }
  }

  @Property(tries = 60, seed = SEED)
  void theSizeIsCloseToTheFormula(
      @ForAll @IntRange(min = 1, max = 60) int percent,
      @ForAll @IntRange(min = 1, max = 12) int bits,
      @ForAll long seed) {
    int n = 20_000;
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    Compression compression = new Compression(percent / 100.0, bits);
    Mask mask = Mask.ofLargest(values, compression);

    int up = SparseTensor.ofActivation(values, mask, bits, seed).size();
    int down = SparseTensor.ofGradient(values, mask, bits, seed).size();

    // levels may be coded below their bits; gaps above their entropy, as one has at least one bit
    assertThat((double) up)
        .isBetween(
            0.55 * expected(n, compression, true), 1.15 * expected(n, compression, true) + 100);
    assertThat((double) down).isLessThan(1.01 * expected(n, compression, false) + 100);
    assertThat(up).isGreaterThan(down);
  }

  private static double expected(int n, Compression compression, boolean masked) {
    return SparseTensor.expectedSize(n, compression, masked);
  }

  @Property(tries = 1000, seed = SEED)
  void whateverComesIsRefusedOrFinite(
      @ForAll @Size(max = 200) byte[] positions,
      @ForAll @Size(max = 200) byte[] levels,
      @ForAll @IntRange(min = -2, max = 40) int kept,
      @ForAll @IntRange(min = -1, max = 18) int bits,
      @ForAll float least,
      @ForAll float greatest) {
    int length = 32;
    float[] got;
    try {
      got =
          new SparseTensor(kept, positions, new Levels(bits, least, greatest, levels))
              .activation(length)
              .values();
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
      return;
    }
    assertFinite(got, length);
  }

  @Property(tries = 1000, seed = SEED)
  void aDamagedTensorIsRefusedOrFinite(
      @ForAll("values") float[] values,
      @ForAll("compressions") Compression compression,
      @ForAll @IntRange(min = 0, max = 10_000) int where,
      @ForAll @ByteRange(min = 1) byte change) {
    Mask mask = Mask.ofLargest(values, compression);
    SparseTensor sent = SparseTensor.ofActivation(values, mask, compression.bits(), 1);
    byte[] positions = sent.positions().clone();
    byte[] levels = sent.levels().coded().clone();
    int at = where % (positions.length + levels.length);
    if (at < positions.length) {
      positions[at] ^= change;
    } else {
      levels[at - positions.length] ^= change;
    }
    float[] got;
    try {
      got =
          new SparseTensor(
                  sent.kept(),
                  positions,
                  new Levels(
                      sent.levels().bits(),
                      sent.levels().least(),
                      sent.levels().greatest(),
                      levels))
              .activation(values.length)
              .values();
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
      return;
    }
    assertFinite(got, values.length);
  }

  private static void assertFinite(float[] got, int length) {
    assertThat(got).hasSize(length);
    for (float value : got) {
      assertThat(value).isFinite();
    }
  }
}
