package io.foresplit.app.bench.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foresplit.bench.data.DataFileException;
import io.foresplit.bench.data.EttTask;
import io.foresplit.bench.data.ForecastSeries;
import io.foresplit.bench.data.NabCorpus;
import io.foresplit.bench.data.TelemetryTask;
import io.foresplit.bench.peer.AloneForecaster;
import io.foresplit.bench.peer.ForecastComparison;
import io.foresplit.bench.peer.ForecastComparison.Errors;
import io.foresplit.bench.peer.ForesplitForecaster;
import io.foresplit.bench.peer.HorizonForecaster;
import io.foresplit.bench.peer.SimpleForecaster;
import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.SeriesForecaster;
import io.foresplit.forecaster.model.OnnxForecaster;
import io.foresplit.forecaster.model.OnnxModel;
import io.foresplit.forecaster.model.WindowRegression;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Forecasts beside each other: the product, the same without its model, and each of its forecasters
 * alone, model first. Used once.
 */
final class ForecastTables {
  /** Rows a series of NAB is forecast from, about. */
  private static final int NAB_ORIGINS = 25;

  private static final int TELEMETRY_SERIES = 600;
  private static final int TELEMETRY_ORIGINS = 8;

  private final Path data;
  private final LongSupplier nanoTime;
  private final PrintWriter out;
  private final ObjectNode measures;
  private final List<HorizonForecaster> compared = new ArrayList<>();

  /** Some of the tables. */
  @FunctionalInterface
  interface Part {
    void print(ForecastTables tables) throws DataFileException;
  }

  ForecastTables(
      Path data, OnnxModel model, LongSupplier nanoTime, PrintWriter out, ObjectNode measures) {
    this.data = data;
    this.nanoTime = nanoTime;
    this.out = out;
    this.measures = measures;
    List<Forecaster> all = OnnxForecaster.beforeBaselines(model);
    compared.add(new ForesplitForecaster("foresplit", all));
    compared.add(new ForesplitForecaster("baselines mixed", SeriesForecaster.baselines()));
    List<Forecaster> withRegression = new ArrayList<>(SeriesForecaster.baselines());
    WindowRegression regression = WindowRegression.bundled();
    withRegression.add(regression);
    compared.add(new ForesplitForecaster("with regression", withRegression));
    all.forEach(f -> compared.add(new AloneForecaster(f)));
    compared.add(new AloneForecaster(regression));
  }

  void publicData() throws DataFileException {
    EttTask task = EttTask.read(data.resolve("etth").resolve("ETTh1.csv"));
    Table.title(
        out,
        "Forecast: ETTh1, %d channels, %d hours ahead from %d, every hour of rows %d to %d",
        task.channels().size(),
        EttTask.HORIZON,
        EttTask.CONTEXT,
        task.testFrom(),
        task.testTo());
    List<HorizonForecaster> withRules = new ArrayList<>(compared);
    withRules.addAll(List.of(SimpleForecaster.values()));
    compare(task.series(), withRules, "forecast");
    if (Files.isDirectory(data.resolve("nab"))) {
      List<ForecastSeries> series =
          NabCorpus.read(data.resolve("nab"))
              .forecasts(EttTask.CONTEXT, EttTask.HORIZON, NAB_ORIGINS);
      out.println();
      Table.title(
          out,
          "Forecast: %d series of NAB, %d values ahead from %d, about %d origins each",
          series.size(),
          EttTask.HORIZON,
          EttTask.CONTEXT,
          NAB_ORIGINS);
      compare(series, compared, "forecastNab");
    }
  }

  /** Errors over all series; over those of the last value, as a geometric mean over series. */
  private void compare(
      List<ForecastSeries> series, List<HorizonForecaster> forecasters, String name) {
    ForecastComparison comparison =
        new ForecastComparison(series, EttTask.CONTEXT, EttTask.HORIZON, nanoTime);
    List<ForecastComparison.Outcome> outcomes = forecasters.stream().map(comparison::of).toList();
    ForecastComparison.Outcome last = lastValue(outcomes);
    Table table =
        new Table(
            out,
            24,
            9,
            "Forecaster",
            List.of("MSE", "MAE", "WQL", "rel. MSE", "rel. WQL", "best on", "µs each"));
    for (ForecastComparison.Outcome outcome : outcomes) {
      double relativeMse = outcome.relative(last, Errors::mse);
      double relativeWql = outcome.relative(last, Errors::wql);
      int bestOn = ForecastComparison.bestOn(outcome, outcomes, Errors::mse);
      measures
          .withObjectProperty(name)
          .putObject(outcome.forecaster())
          .put("mse", outcome.mean(Errors::mse))
          .put("mae", outcome.mean(Errors::mae))
          .put("wql", outcome.mean(Errors::wql))
          .put("relativeMse", relativeMse)
          .put("relativeWql", relativeWql)
          .put("bestOn", bestOn);
      table.row(
          outcome.forecaster(),
          List.of(
              Table.format("%.3g", outcome.mean(Errors::mse)),
              Table.format("%.3g", outcome.mean(Errors::mae)),
              Table.format("%.3f", outcome.mean(Errors::wql)),
              Table.format("%.3f", relativeMse),
              Table.format("%.3f", relativeWql),
              Table.format("%d", bestOn),
              Table.format("%.0f", outcome.microsPerForecast())));
    }
  }

  /** By distance: WQL over that of the last value, and how much lies within the outer deciles. */
  void telemetry() throws DataFileException {
    List<ForecastSeries> series =
        TelemetryTask.read(data.resolve("telemetry"), TELEMETRY_SERIES, TELEMETRY_ORIGINS);
    Table.title(
        out,
        "Forecast: %d series of telemetry, %d intervals ahead from %d, about %d origins each",
        series.size(),
        TelemetryTask.HORIZON,
        TelemetryTask.CONTEXT,
        TELEMETRY_ORIGINS);
    ForecastComparison comparison =
        new ForecastComparison(series, TelemetryTask.CONTEXT, TelemetryTask.HORIZON, nanoTime);
    List<ForecastComparison.Outcome> outcomes = compared.stream().map(comparison::of).toList();
    ForecastComparison.Outcome last = lastValue(outcomes);
    List<String> bands = comparison.bands();
    List<String> columns = new ArrayList<>(List.of("rel. WQL"));
    bands.forEach(band -> columns.add(band));
    bands.forEach(band -> columns.add("80 % " + band));
    columns.add("best on");
    columns.add("µs each");
    Table table = new Table(out, 24, 9, "Forecaster", columns);
    for (ForecastComparison.Outcome outcome : outcomes) {
      List<String> cells = new ArrayList<>();
      ObjectNode node = measures.withObjectProperty("telemetry").putObject(outcome.forecaster());
      double relative = outcome.relative(last, Errors::wql);
      node.put("relativeWql", relative);
      cells.add(Table.format("%.3f", relative));
      ArrayNode losses = node.putArray("relativeWqlByBand");
      ArrayNode shares = node.putArray("withinByBand");
      for (int band : IntStream.range(0, bands.size()).toArray()) {
        double loss = outcome.relative(last, errors -> errors.bands().get(band).wql());
        losses.add(loss);
        cells.add(Table.format("%.3f", loss));
      }
      for (int band : IntStream.range(0, bands.size()).toArray()) {
        double within = outcome.mean(errors -> errors.bands().get(band).within());
        shares.add(within);
        cells.add(Table.format("%.1f %%", 100 * within));
      }
      cells.add(Table.format("%d", ForecastComparison.bestOn(outcome, outcomes, Errors::wql)));
      cells.add(Table.format("%.0f", outcome.microsPerForecast()));
      table.row(outcome.forecaster(), cells);
    }
  }

  private static ForecastComparison.Outcome lastValue(List<ForecastComparison.Outcome> outcomes) {
    return outcomes.stream()
        .filter(o -> o.forecaster().startsWith("last-value"))
        .findFirst()
        .orElseThrow();
  }
}
