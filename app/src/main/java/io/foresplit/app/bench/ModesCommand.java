package io.foresplit.app.bench;

import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Datasets;
import io.foresplit.runtime.data.FashionMnist;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Accuracy of the modes of training with several clients. */
@Command(
    name = "modes",
    description = {
      "Train a LeNet with several clients in each mode, in this process and without a network:",
      "accuracy on data not trained on, with samples dealt evenly and by label, as a table."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit bench modes --steps 500 --seeds 3"})
final class ModesCommand implements Callable<Integer> {
  private static final int MOST_CLIENTS = 100;

  @Option(
      names = "--steps",
      description = "Steps of each client in each training, ${DEFAULT-VALUE} by default.")
  private int steps = 500;

  @Option(names = "--clients", description = "How many, ${DEFAULT-VALUE} by default.")
  private int clients = 3;

  @Option(
      names = "--seeds",
      paramLabel = "COUNT",
      description = "Trainings of each, with seeds from 1 on; the table has the mean.")
  private int seeds = 1;

  @Option(
      names = "--held-out",
      paramLabel = "SAMPLES",
      description = "How many samples judge a model, ${DEFAULT-VALUE} by default.")
  private int heldOut = 10_000;

  @Option(
      names = "--dataset",
      paramLabel = "FOLDER",
      description = "Fashion-MNIST in IDX files; by default the Debian package's, else drawn.")
  private @Nullable Path dataset;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (steps < 1 || seeds < 1 || heldOut < 1) {
      throw usage("--steps, --seeds and --held-out must be at least 1");
    }
    if (clients < 2 || clients > MOST_CLIENTS) {
      throw usage("--clients must be 2 to " + MOST_CLIENTS + ", was " + clients);
    }
    ModelDefinition model = ModelDefinition.named("lenet");
    Optional<Path> folder =
        Optional.ofNullable(dataset)
            .or(() -> Optional.of(FashionMnist.DEBIAN).filter(FashionMnist::isIn));
    Dataset training = Datasets.open(model, folder, 1);
    Dataset test = Datasets.openHeldOut(model, folder, 1);
    ModesBench bench = new ModesBench(training, test, clients, steps, heldOut, System::nanoTime);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "LeNet cut after conv2, %s, %d clients with %d samples each a step, %d steps of each client,"
            + " mean of %d seeds%n%n",
        training.description(),
        clients,
        ModesBench.BATCH,
        steps,
        seeds);
    out.println("| Mode | iid | ± | by-label | ± |");
    out.println("|---|---|---|---|---|");
    out.flush();
    for (Mode mode : Mode.values()) {
      boolean alone = mode == Mode.CHAIN;
      out.printf(
          Locale.ROOT,
          "| %s | %s | %s |%n",
          alone ? "one client with all data" : name(mode),
          cell(bench, mode, Sharding.IID),
          alone ? "– | –" : cell(bench, mode, Sharding.BY_LABEL));
      out.flush();
    }
    return 0;
  }

  private ParameterException usage(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }

  private static String name(Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Mean and half the range over the seeds. */
  private String cell(ModesBench bench, Mode mode, Sharding sharding) {
    DoubleSummaryStatistics accuracy = new DoubleSummaryStatistics();
    for (int seed = 1; seed <= seeds; seed++) {
      accuracy.accept(bench.accuracy(mode, sharding, seed));
    }
    return String.format(
        Locale.ROOT,
        "%.1f %% | %.1f",
        100 * accuracy.getAverage(),
        100 * (accuracy.getMax() - accuracy.getMin()) / 2);
  }
}
