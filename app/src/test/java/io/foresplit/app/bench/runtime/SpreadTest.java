package io.foresplit.app.bench.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void theMiddleOneOrTheMeanOfTwoIsTheMedian() {
    assertThat(Spread.of(List.of(3.0, 1.0, 9.0))).isEqualTo(new Spread(3, 1, 9, 3));
    assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(new Spread(3, 1, 9, 4));
    assertThat(Spread.of(List.of(5.0))).isEqualTo(new Spread(5, 5, 5, 1));
  }

  @Test
  void nothingAndWhatIsNotFiniteAreRefused() {
    assertThatThrownBy(() -> Spread.of(List.of())).hasMessageContaining("at least one value");
    assertThatThrownBy(() -> Spread.of(List.of(1.0, Double.NaN))).hasMessageContaining("was NaN");
  }
}
