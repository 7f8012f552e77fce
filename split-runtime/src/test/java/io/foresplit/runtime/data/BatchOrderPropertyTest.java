package io.foresplit.runtime.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Every pass takes each sample at most once, and a step's batch depends on nothing but the step.
 */
class BatchOrderPropertyTest {
  @Property(tries = 200, seed = "20")
  void aPassTakesNoSampleTwice(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 200) int size,
      @ForAll @IntRange(min = 1, max = 200) int batch,
      @ForAll @IntRange(max = 5) int pass) {
    int batchSize = Math.min(batch, size);
    BatchOrder order = new BatchOrder(seed, size, batchSize);
    int steps = size / batchSize;
    List<Integer> taken = new ArrayList<>();
    for (long step = (long) pass * steps; step < (pass + 1L) * steps; step++) {
      for (int index : order.indices(step)) {
        taken.add(index);
      }
    }
    assertThat(taken)
        .hasSize(steps * batchSize)
        .doesNotHaveDuplicates()
        .allMatch(index -> index >= 0 && index < size);
  }

  @Property(tries = 50, seed = "20")
  void stepsCanBeAskedForInAnyOrder(@ForAll long seed, @ForAll @IntRange(max = 1000) int step) {
    BatchOrder order = new BatchOrder(seed, 100, 7);
    int[] first = order.indices(step);
    assertThat(order.indices(step + 50)).isNotEqualTo(first);
    assertThat(order.indices(step)).isEqualTo(first);
    assertThat(new BatchOrder(seed, 100, 7).indices(step)).isEqualTo(first);
  }

  @Example
  void boundsAreNamed() {
    assertThatThrownBy(() -> new BatchOrder(1, 10, 11))
        .hasMessage("batchSize must be between 1 and the dataset's 10, was 11");
    assertThatThrownBy(() -> new BatchOrder(1, 10, 2).indices(-1))
        .hasMessage("step must be at least 0, was -1");
  }
}
