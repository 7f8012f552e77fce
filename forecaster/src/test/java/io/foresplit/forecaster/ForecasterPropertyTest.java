package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;

class ForecasterPropertyTest {
  private static final List<Forecaster> ALL = Panel.BASELINES.members();

  @Property(tries = 300)
  void quantiles_never_cross_and_are_finite_whatever_the_window(
      @ForAll("windows") double[] window, @ForAll @IntRange(min = 1, max = 60) int horizon) {
    for (Forecaster forecaster : ALL) {
      Quantiles quantiles = forecaster.forecast(window, horizon);
      assertThat(quantiles.horizon()).isEqualTo(horizon);
      for (int h = 0; h < horizon; h++) {
        for (int level = 0; level < Quantiles.LEVELS.size(); level++) {
          assertThat(quantiles.at(level, h)).as(forecaster.name()).isFinite();
          if (level > 0) {
            assertThat(quantiles.at(level, h))
                .as(forecaster.name())
                .isGreaterThanOrEqualTo(quantiles.at(level - 1, h));
          }
        }
      }
    }
  }

  @Property(tries = 100)
  void a_positive_metric_is_forecast_positive(@ForAll("rates") double[] window) {
    SeriesModel model =
        new SeriesModel(
            new SeriesKey(new ComponentId("device->edge"), Metric.LINK_RATE), Panel.BASELINES, 40);
    List<Served> said = Panel.BASELINES.ask(List.of(model.look(window).model()), 40).get(0);
    Forecast forecast =
        model
            .forecast(model.look(window), said, 1)
            .outlook()
            .orElseThrow()
            .quantiles()
            .toForecast(new SeriesKey(ComponentId.JOB, Metric.LINK_RATE), 1, 0, "any/1");
    assertThat(forecast.quantiles())
        .allSatisfy(row -> assertThat(row).allSatisfy(v -> assertThat(v).isPositive()));
  }

  @Property(tries = 50)
  void a_straight_line_goes_on_straight(
      @ForAll @IntRange(min = -100, max = 100) int slope,
      @ForAll @IntRange(min = 12, max = 256) int length) {
    double[] line = IntStream.range(0, length).mapToDouble(i -> slope * (double) i).toArray();
    Quantiles quantiles = new DriftForecaster().forecast(line, 10);
    assertThat(quantiles.median(9))
        .isCloseTo(slope * (length + 9.0), Offset.offset(1e-6 + Math.abs(slope) * 0.01));
  }

  @Provide
  Arbitrary<double[]> windows() {
    Arbitrary<Double> values = Arbitraries.doubles().between(-1e6, 1e6);
    return Arbitraries.frequencyOf(
            Tuple.of(4, values),
            Tuple.of(1, Arbitraries.just(Double.NaN)),
            Tuple.of(2, Arbitraries.just(1.0)))
        .array(double[].class)
        .ofMinSize(Forecaster.LEAST_VALUES)
        .ofMaxSize(256)
        .filter(
            window ->
                Arrays.stream(window).filter(v -> !Double.isNaN(v)).count()
                    >= Forecaster.LEAST_VALUES);
  }

  @Provide
  Arbitrary<double[]> rates() {
    return Arbitraries.doubles().between(0, 1e9).array(double[].class).ofMinSize(12).ofMaxSize(64);
  }
}
