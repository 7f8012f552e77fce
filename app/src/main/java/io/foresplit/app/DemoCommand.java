package io.foresplit.app;

import io.foresplit.app.demo.Demo;
import io.foresplit.app.process.LogFile;
import io.foresplit.app.process.StopSignal;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The whole loop on this machine. */
@Command(
    name = "demo",
    description = {
      "Show the whole loop on this machine: three node processes train one network, a fault ramps",
      "in, and Foresplit foresees the breach, names the cause and moves layers."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit code 0 when component and cause were named right, no step was lost, and training was",
      "fast again.",
      "",
      "Example: foresplit demo --fault node-slowdown --seed 7 --report report.json"
    })
final class DemoCommand implements Callable<Integer> {

  @Option(
      names = "--fault",
      paramLabel = "KIND",
      description = {
        "uplink-fade, node-slowdown, contention, label-drift or none; ${DEFAULT-VALUE} by default."
      })
  private String fault = "uplink-fade";

  @Option(
      names = "--seed",
      description =
          "Chooses link or node, onset, size and initial cut; ${DEFAULT-VALUE} by default.")
  private long seed = 1;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      description = "Length of the training, at least 60; ${DEFAULT-VALUE} by default.")
  private double duration = 110;

  @Option(names = "--compare", description = "Also run the same seed without protection, first.")
  private boolean compare;

  @Option(
      names = "--dataset",
      paramLabel = "FOLDER",
      description = "Fashion-MNIST in IDX files; by default the Debian package's, else drawn.")
  private @Nullable Path dataset;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = {
        "Language model that explains: one that was pulled, a GGUF file, or none.",
        "By default the first one that is there. Nothing is fetched."
      })
  private @Nullable String model;

  @Option(names = "--report", paramLabel = "FILE", description = "Write the outcome as JSON.")
  private @Nullable Path report;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Data folder, ${DEFAULT-VALUE} by default.")
  private Path data = Path.of(".foresplit", "demo");

  @Option(
      names = "--port",
      description = "Port of the console, ${DEFAULT-VALUE} by default; 0 takes a free one.")
  private int port = 8080;

  @Option(
      names = "--keep-nodes",
      description = {
        "Training outlives a killed service; the next demo goes on with it.",
        "A normal end or Ctrl-C ends everything all the same."
      })
  private boolean keepNodes;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  DemoCommand() {}

  @Override
  public Integer call() throws Exception {
    Demo.Request request;
    try {
      request =
          new Demo.Request(
              fault,
              seed,
              duration,
              compare,
              Optional.ofNullable(dataset),
              Optional.ofNullable(model),
              Optional.ofNullable(report),
              data,
              port,
              keepNodes);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    try (StopSignal signal = StopSignal.listen()) {
      return new Demo(
              request,
              new PrintStream(System.out, true, StandardCharsets.UTF_8),
              LogFile::in,
              Main.class,
              signal.latch())
          .run();
    }
  }
}
