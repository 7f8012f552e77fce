package io.foresplit.app.bench;

import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.runtime.data.FashionMnist;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Accuracy of the modes of training with several clients. */
@Command(
    name = "modes",
    description = {
      "Train a LeNet on Fashion-MNIST with several clients in each mode: accuracy on the test set,",
      "with data dealt evenly and by label, as a table."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit bench modes --steps 500 --seeds 3"})
final class ModesCommand implements Callable<Integer> {
  @Option(names = "--steps", description = "Steps of each training, ${DEFAULT-VALUE} by default.")
  private int steps = 500;

  @Option(names = "--clients", description = "Clients, ${DEFAULT-VALUE} by default.")
  private int clients = 3;

  @Option(
      names = "--seeds",
      paramLabel = "COUNT",
      description = "Trainings of each, with seeds from 1 on; the table has the mean.")
  private int seeds = 1;

  @Option(
      names = "--dataset",
      paramLabel = "FOLDER",
      description = "Fashion-MNIST in IDX files; by default the Debian package's.")
  private Path dataset = FashionMnist.DEBIAN;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (steps < 1 || seeds < 1 || clients < 2) {
      throw new ParameterException(
          spec.commandLine(), "--steps and --seeds must be at least 1, --clients at least 2");
    }
    ModesBench bench =
        new ModesBench(
            FashionMnist.load(dataset),
            FashionMnist.loadTest(dataset),
            clients,
            steps,
            System::nanoTime);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "LeNet cut after conv2, Fashion-MNIST, %d clients, %d samples each a step, %d steps, mean of"
            + " %d seeds%n%n",
        clients,
        ModesBench.BATCH,
        steps,
        seeds);
    out.println("| Mode | iid | ± | by-label | ± |");
    out.println("|---|---|---|---|---|");
    for (Mode mode : Mode.values()) {
      String even = cell(bench, mode, Sharding.IID);
      String uneven = mode == Mode.CHAIN ? "– | –" : cell(bench, mode, Sharding.BY_LABEL);
      out.printf(
          "| %s | %s | %s |%n",
          mode.name().toLowerCase(Locale.ROOT).replace('_', '-'), even, uneven);
      out.flush();
    }
    return 0;
  }

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
