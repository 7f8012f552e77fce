package io.foresplit.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.measure.Measure.Better;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;

class SummaryPropertyTest {
  @Property(seed = "4", tries = 200)
  void intervalHoldsTheMedianAndLiesWithinTheSample(
      @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = -1e6, max = 1e6) Double> values) {
    Summary summary = Summary.of(values, Better.LOWER);
    double ulps = 1e-9 * (1 + Math.abs(summary.median()));
    assertThat(summary.median()).isBetween(summary.low() - ulps, summary.high() + ulps);
    assertThat(summary.low()).isGreaterThanOrEqualTo(Collections.min(values) - ulps);
    assertThat(summary.high()).isLessThanOrEqualTo(Collections.max(values) + ulps);
    assertThat(summary.worst()).isEqualTo(Collections.max(values));
    assertThat(Summary.of(values, Better.LOWER)).isEqualTo(summary);
  }

  @Example
  void oneSeedHasNoInterval() {
    assertThat(Summary.of(List.of(3.0), Better.HIGHER)).isEqualTo(new Summary(3, 3, 3, 3, 1));
  }

  @Example
  void intervalOfManySeedsIsThatOfOrderStatistics() {
    List<Double> values = IntStream.rangeClosed(1, 101).mapToObj(value -> (double) value).toList();
    Summary summary = Summary.of(values, Better.HIGHER);
    assertThat(summary.median()).isEqualTo(51);
    // Binomial(101, 1/2): ranks 41 to 61 hold the median with about 95 %.
    assertThat(summary.low()).isBetween(38.0, 44.0);
    assertThat(summary.high()).isBetween(58.0, 64.0);
    assertThat(summary.worst()).isEqualTo(1);
  }
}
