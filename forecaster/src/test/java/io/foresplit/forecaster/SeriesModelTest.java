package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeriesModelTest {
  private static final int HORIZON = 40;
  private static final SeriesKey RATE =
      new SeriesKey(new ComponentId("device->edge"), Metric.LINK_RATE);

  private final SeriesWindow window = new SeriesWindow(256);
  private final Random random = new Random(1);
  private long now = -1;

  private void next() {
    now++;
    window.append(1e6 * Math.exp(0.3 * Math.sin(now / 4.0) + 0.05 * random.nextGaussian()));
  }

  private SeriesModel.Outlook forecast(SeriesModel model) {
    SeriesModel.Reading looked = model.look(window.values());
    List<Served> said = Panel.BASELINES.ask(List.of(looked.model()), HORIZON).get(0);
    return model.forecast(looked, said, now).outlook().orElseThrow();
  }

  @Test
  void whoMadeAForecastIsSaid() {
    SeriesModel model = new SeriesModel(RATE, Panel.BASELINES, HORIZON);
    for (int i = 0; i < 12; i++) {
      next();
    }
    assertThat(forecast(model).forecaster()).isEqualTo("drift/1");
    for (int i = 0; i < 400; i++) {
      next();
      forecast(model);
    }
    assertThat(forecast(model).forecaster()).contains(" % seasonal-").doesNotContain("drift");
  }

  @Test
  void aRestoredStateIsSmallAndDecidesTheSame() throws IOException {
    SeriesModel model = new SeriesModel(RATE, Panel.BASELINES, HORIZON);
    for (int i = 0; i < 300; i++) {
      next();
      if (i >= 12) {
        forecast(model);
      }
    }
    byte[] written = bytes(model);
    SeriesModel restored = new SeriesModel(RATE, Panel.BASELINES, HORIZON);
    restored.readForecasts(new DataInputStream(new ByteArrayInputStream(written)));
    for (int i = 0; i < 100; i++) {
      next();
      SeriesModel.Outlook expected = forecast(model);
      SeriesModel.Outlook actual = forecast(restored);
      assertThat(actual.forecaster()).isEqualTo(expected.forecaster());
      assertThat(actual.quantiles().rows()).isDeepEqualTo(expected.quantiles().rows());
    }
    assertThat(bytes(restored)).isEqualTo(bytes(model)).hasSizeLessThan(5000);
  }

  private static byte[] bytes(SeriesModel model) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    model.writeForecasts(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}
