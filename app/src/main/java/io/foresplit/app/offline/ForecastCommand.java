package io.foresplit.app.offline;

import io.foresplit.app.offline.Audit.Oddity;
import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.SeriesForecaster;
import io.foresplit.forecaster.model.Forecasters;
import io.foresplit.forecaster.model.ModelFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Forecasts the series of a file with the forecasters of the service. */
@Command(
    name = "forecast",
    description = {
      "Forecast series of your own with the forecasters of the service: quantiles q10 to q90 for",
      "each step ahead. Series are put on equal steps of the median distance in time."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit code 2 when the input cannot be used.",
      "",
      "Example: foresplit forecast --input cpu.csv --horizon 12"
    })
public final class ForecastCommand extends OfflineCommand {
  private static final int MOST_HORIZON = 10_000;

  /** Values before the first origin of rolling forecasts unless a context is asked for. */
  private static final int ROLLING_START = 64;

  private static final Map<Oddity, String> TREATMENT =
      Map.of(
          Oddity.MISSING, "taken as gaps",
          Oddity.UNSORTED, "sorted by time",
          Oddity.DUPLICATE, "the last one counts",
          Oddity.IRREGULAR, "put on steps of the median distance",
          Oddity.CONSTANT, "forecast as that constant");

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "CSV with the columns timestamp,value, or series,timestamp,value.")
  private Path input = Path.of("input.csv");

  @Option(
      names = "--horizon",
      paramLabel = "N",
      description = "Steps ahead, ${DEFAULT-VALUE} by default.")
  private int horizon = ForecasterConfig.defaults().horizon();

  @Option(
      names = "--rolling",
      description = "Forecast one horizon after the other from within the series, not its end.")
  private boolean rolling;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Values a forecast is made from, 512 by default.")
  private @Nullable Integer context;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "ONNX forecasting model instead of the one built in; none for baselines alone.")
  private @Nullable String model;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where to; standard output by default.")
  private @Nullable Path output;

  @Override
  void run() throws InputException, IOException {
    if (horizon < 1 || horizon > MOST_HORIZON) {
      throw new InputException(
          "--horizon must be between 1 and " + MOST_HORIZON + ", was " + horizon);
    }
    int values = context == null ? SeriesForecaster.DEFAULT_CONTEXT : context;
    if (values < SeriesForecaster.LEAST_VALUES || values > SeriesForecaster.MOST_CONTEXT) {
      throw new InputException(
          "--context must be between "
              + SeriesForecaster.LEAST_VALUES
              + " and "
              + SeriesForecaster.MOST_CONTEXT
              + ", was "
              + values);
    }
    try (Forecasters forecasters = Forecasters.of(model)) {
      forecast(values, forecasters.all());
    } catch (ModelFileException e) {
      throw new InputException(String.valueOf(e.getMessage()));
    }
  }

  private void forecast(int values, List<Forecaster> forecasters)
      throws InputException, IOException {
    Audit audit = new Audit();
    Map<List<String>, SeriesGrid> grids = new LinkedHashMap<>();
    SampleFile.ofSeries(input)
        .read(
            sample -> {
              audit.add(sample);
              grids.computeIfAbsent(sample.key(), key -> new SeriesGrid()).add(sample);
            });
    audit.findings(TREATMENT).forEach(this::note);
    int written = 0;
    try (CsvOutput rows = CsvOutput.to(output, input, out())) {
      for (Map.Entry<List<String>, SeriesGrid> series : grids.entrySet()) {
        String name = series.getKey().isEmpty() ? "" : series.getKey().get(0);
        int forecasts = forecast(name, series.getValue(), values, forecasters, rows, written == 0);
        if (forecasts == 0) {
          note(
              (name.isEmpty() ? "the series" : "series " + name)
                  + " has too few values for this, "
                  + (rolling
                      ? "expected at least " + (rollingStart() + horizon)
                      : "expected at least " + SeriesForecaster.LEAST_VALUES)
                  + ": not forecast");
        }
        written += forecasts;
      }
      if (written == 0) {
        throw new InputException(input + ": no series is long enough to be forecast");
      }
      rows.finish();
    }
  }

  private int rollingStart() {
    return context == null ? ROLLING_START : context;
  }

  /** Writes the forecasts of a series; says how many origins they have. */
  private int forecast(
      String name,
      SeriesGrid grid,
      int values,
      List<Forecaster> forecasters,
      CsvOutput rows,
      boolean first)
      throws IOException {
    Origins origins = new Origins(new SeriesForecaster(values, horizon, forecasters));
    grid.steps(values, origins);
    List<Origin> ready = origins.ready();
    if (first && !ready.isEmpty()) {
      rows.row(header());
    }
    for (Origin origin : ready) {
      write(name, origin, rows);
    }
    return ready.size();
  }

  private static void write(String name, Origin origin, CsvOutput rows) throws IOException {
    for (int step = 0; step < origin.quantiles().horizon(); step++) {
      List<String> cells = new ArrayList<>(Quantiles.LEVELS.size() + 3);
      cells.add(name);
      cells.add(origin.time());
      cells.add(Integer.toString(step + 1));
      for (double[] row : origin.quantiles().rows()) {
        cells.add(number(row[step]));
      }
      rows.row(cells);
    }
  }

  private record Origin(String time, Quantiles quantiles) {}

  /** Forecasts at the origins while a series goes by. */
  private final class Origins implements SeriesGrid.Step {
    private final SeriesForecaster forecaster;
    private final List<Origin> pending = new ArrayList<>();
    private long steps;
    private long nextOrigin = rollingStart();
    private String lastTime = "";

    Origins(SeriesForecaster forecaster) {
      this.forecaster = forecaster;
    }

    @Override
    public void accept(double value, String time) {
      forecaster.append(value);
      steps++;
      if (!Double.isNaN(value)) {
        lastTime = time;
        if (rolling && steps >= nextOrigin) {
          forecaster.forecast().ifPresent(q -> pending.add(new Origin(time, q)));
          nextOrigin = steps + horizon;
        }
      }
    }

    /** The end, or all origins whose horizon lies within the series. */
    List<Origin> ready() {
      if (!rolling) {
        return forecaster.forecast().map(q -> List.of(new Origin(lastTime, q))).orElse(List.of());
      }
      boolean lastIsBeyond = !pending.isEmpty() && nextOrigin > steps;
      return lastIsBeyond ? pending.subList(0, pending.size() - 1) : pending;
    }
  }

  private static List<String> header() {
    List<String> cells = new ArrayList<>(List.of("series", "origin", "step"));
    Quantiles.LEVELS.forEach(level -> cells.add("q" + Math.round(100 * level)));
    return cells;
  }

  /** Nine significant digits at most; a whole number without a point. */
  private static String number(double value) {
    double rounded = rounded(value);
    return rounded == Math.rint(rounded) && Math.abs(rounded) < 1e15
        ? Long.toString((long) rounded)
        : Double.toString(rounded);
  }

  private static double rounded(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value;
    }
    double unit = Math.pow(10, 8 - Math.floor(Math.log10(Math.abs(value))));
    double scaled = Math.rint(value * unit) / unit;
    return Double.isFinite(scaled) ? scaled : value;
  }
}
