package io.foresplit.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.LayerProfile;
import io.foresplit.runtime.data.DrawnDataset;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LayerMeasurementTest {
  /** Each reading of the clock is later by one millisecond more than the one before. */
  private final AtomicLong now = new AtomicLong();

  private final AtomicLong tick = new AtomicLong();

  @Test
  void measuresEachLayerOnItsRealInput() {
    ModelDefinition lenet = ModelDefinition.named("lenet");
    DrawnDataset data = new DrawnDataset(1, 4);
    int[] indices = {0, 1, 2, 3};
    LayerMeasurement measurement =
        new LayerMeasurement(
            new Optimiser.Adam(0.001, 0.9, 0.999, 1e-8),
            1,
            3,
            () -> now.addAndGet(1_000_000 * tick.incrementAndGet()));
    ModelGraph model = measurement.measure(lenet, data.batch(indices), data.labels(indices));
    List<LayerProfile> declared = lenet.profile(4);
    assertThat(model.layers()).hasSameSizeAs(declared);
    for (int i = 0; i < declared.size(); i++) {
      ModelGraph.Layer layer = model.layers().get(i);
      assertThat(layer.name()).isEqualTo(declared.get(i).name());
      assertThat(layer.bytes().output()).isEqualTo(declared.get(i).outputBytes());
      assertThat(layer.bytes().optimiser()).isEqualTo(2 * declared.get(i).parameterBytes());
      // two readings a pass, four a step, of which the first does not count: the median is that of
      // the second step that counts
      long first = 16L * i + 4 * 2;
      assertThat(layer.forwardSeconds()).isCloseTo((first + 2) * 0.001, within(1e-9));
      assertThat(layer.backwardSeconds()).isCloseTo((first + 4) * 0.001, within(1e-9));
      assertThat(layer.readsInput()).isEqualTo(i == 0);
      assertThat(layer.readsLabels()).isEqualTo(i == declared.size() - 1);
    }
  }
}
