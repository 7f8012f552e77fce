package io.foresplit.app.kind;

import io.foresplit.bench.evaluate.TelemetryWindows;
import io.foresplit.bench.scenario.Suite;
import io.foresplit.forecaster.model.WindowRegression;
import io.foresplit.forecaster.model.WindowRegressionTrainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The regression that forecasts from features of a window, trained on simulated telemetry. */
@Command(
    name = "regression",
    description = {
      "Train the regression that forecasts from features of a window, on what nodes",
      "report in scenarios of the suite training. The same options give the same file."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit train regression --out regression.tribuo"})
public final class TrainRegressionCommand implements Callable<Integer> {
  private static final Suite SUITE = Suite.TRAINING;

  @Mixin private ModelFile modelFile = new ModelFile();

  @Mixin private Worlds worlds = new Worlds();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Path file = modelFile.checked();
    PrintWriter out = spec.commandLine().getOut();
    List<WindowRegressionTrainer.Example> windows = TelemetryWindows.of(worlds.of(SUITE, 1, spec));
    SortedMap<String, String> origin = new TreeMap<>();
    origin.put("suite", SUITE.label());
    origin.put("seeds", worlds.seeds(SUITE));
    origin.put("program", spec.root().version()[0]);
    WindowRegression model;
    try {
      model = WindowRegressionTrainer.train(windows, origin);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage() + ": take more seeds or scenarios");
    }
    Files.write(file, model.bytes());
    model.origin().forEach((name, value) -> out.println(name + ": " + value));
    out.println(model.name() + " written to " + file);
    out.flush();
    return 0;
  }
}
