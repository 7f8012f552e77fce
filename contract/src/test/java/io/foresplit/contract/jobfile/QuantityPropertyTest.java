package io.foresplit.contract.jobfile;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

class QuantityPropertyTest {
  @Property(seed = "4", tries = 500)
  void whatIsWrittenIsReadAsTheSame(
      @ForAll @DoubleRange(min = 0, max = 1e12) double value, @ForAll Quantity quantity) {
    assertThat(quantity.read(quantity.write(value))).hasValue(value);
  }

  @Example
  void theShortestUnitIsWritten() {
    assertThat(Quantity.TIME.write(1800)).isEqualTo("0.5 h");
    assertThat(Quantity.TIME.write(0.35)).isEqualTo("0.35 s");
    assertThat(Quantity.TIME.write(0.005)).isEqualTo("5 ms");
    assertThat(Quantity.RATE.write(62_500)).isEqualTo("62.5 kB/s");
    assertThat(Quantity.SIZE.write(0)).isEqualTo("0 B");
    assertThat(Quantity.NUMBER.write(0.2)).isEqualTo("0.2");
  }
}
