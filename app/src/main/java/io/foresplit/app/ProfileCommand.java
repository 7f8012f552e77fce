package io.foresplit.app;

import io.foresplit.contract.jobfile.OptimiserSpec;
import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.DrawnDataset;
import io.foresplit.runtime.plan.LayerMeasurement;
import io.foresplit.runtime.plan.ModelGraph;
import io.foresplit.runtime.plan.ProfileFile;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the layers of a model on this machine. */
@Command(
    name = "profile",
    description = {
      "Measure the layers of a model on this machine, each with the trainer that trains it: median",
      "seconds of forward pass, and of backward pass with update. Writes the profile in JSON."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit profile --model lenet --batch 64 --out lenet.json"})
final class ProfileCommand implements Callable<Integer> {
  private static final int MAX_BATCH = 4096;
  private static final double LEARNING_RATE = 0.01;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME",
      description = "A model the runtime can train, such as lenet.")
  private String model = "";

  @Option(names = "--batch", paramLabel = "N", description = "Samples, ${DEFAULT-VALUE}.")
  private int batch = 32;

  @Option(
      names = "--optimiser",
      paramLabel = "NAME",
      description = "sgd-momentum or adam; ${DEFAULT-VALUE} by default.")
  private String optimiser = OptimiserSpec.SGD_MOMENTUM;

  @Option(
      names = "--repetitions",
      paramLabel = "N",
      description = "Steps measured of each layer, ${DEFAULT-VALUE}.")
  private int repetitions = 21;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Steps before, which do not count, ${DEFAULT-VALUE}.")
  private int warmUp = 10;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write; standard output by default.")
  private @Nullable Path file;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  ProfileCommand() {}

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    String json = json();
    Path target = file;
    if (target == null) {
      out.print(json);
    } else {
      Files.writeString(target, json);
      out.println("wrote " + target);
    }
    out.flush();
    return 0;
  }

  private String json() {
    try {
      if (batch < 1 || batch > MAX_BATCH) {
        throw new IllegalArgumentException("--batch must be 1 to " + MAX_BATCH + ", was " + batch);
      }
      ModelDefinition definition = ModelDefinition.named(model);
      LayerMeasurement measurement =
          new LayerMeasurement(
              Optimisers.of(new OptimiserSpec(optimiser, LEARNING_RATE)),
              warmUp,
              repetitions,
              System::nanoTime);
      DrawnDataset data = new DrawnDataset(1, batch);
      int[] indices = new BatchOrder(1, data.size(), batch).indices(0);
      ModelGraph profile =
          measurement.measure(definition, data.batch(indices), data.labels(indices));
      String note =
          String.format(
              Locale.ROOT,
              "median of %d steps after %d of warm-up, one thread, %s",
              repetitions,
              warmUp,
              optimiser);
      return ProfileFile.json(profile, new ProfileFile.About(batch, note));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
