package io.foresplit.app.bench;

import io.foresplit.app.bench.CompressionBench.Outcome;
import io.foresplit.contract.Compression;
import io.foresplit.runtime.data.FashionMnist;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Bytes, accuracy and time for several compressions of a link. */
@Command(
    name = "compression",
    description = {
      "Train a LeNet on Fashion-MNIST, cut after its second convolution, with what crosses the cut",
      "compressed: bytes, accuracy and time of a step for several compressions, as a table."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit bench compression 0.2:6 0.1:4 --steps 1000 --seeds 3"})
final class CompressionCommand implements Callable<Integer> {
  private static final List<String> USUAL =
      List.of("1:8", "0.5:8", "0.2:8", "0.2:6", "0.2:4", "0.2:2", "0.1:6", "0.05:6", "0.02:6");

  @Parameters(
      arity = "0..*",
      paramLabel = "KEEP:BITS",
      description = "Which compressions, beside none; by default a range of them.")
  private List<String> compressions = new ArrayList<>();

  @Option(names = "--steps", description = "Steps of each training, ${DEFAULT-VALUE} by default.")
  private int steps = 1000;

  @Option(
      names = "--seeds",
      paramLabel = "COUNT",
      description = "Trainings of each, with seeds from 1 on; the table has the mean.")
  private int seeds = 1;

  @Option(
      names = "--rate",
      paramLabel = "MBIT/S",
      description = "Rate of the link the step time is told for, ${DEFAULT-VALUE} by default.")
  private double rate = 20;

  @Option(
      names = "--round-trip",
      paramLabel = "MS",
      description = "Round trip over that link, ${DEFAULT-VALUE} by default.")
  private double roundTrip = 30;

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
    if (steps < 1 || seeds < 1) {
      throw usage("--steps and --seeds must be at least 1");
    }
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)
        || !(roundTrip >= 0 && roundTrip < Double.POSITIVE_INFINITY)) {
      throw usage("--rate must be positive and --round-trip at least 0, both finite");
    }
    List<Optional<Compression>> settings = new ArrayList<>();
    settings.add(Optional.empty());
    for (String text : compressions.isEmpty() ? USUAL : compressions) {
      settings.add(Optional.of(compression(text)));
    }
    CompressionBench bench =
        new CompressionBench(
            FashionMnist.load(dataset), FashionMnist.loadTest(dataset), steps, System::nanoTime);
    PrintWriter out = spec.commandLine().getOut();
    heading(out);
    Outcome unused = bench.warmUp();
    double plainBytes = 0;
    for (Optional<Compression> setting : settings) {
      List<Outcome> outcomes = new ArrayList<>();
      for (int seed = 1; seed <= seeds; seed++) {
        outcomes.add(bench.train(setting, seed));
      }
      Outcome outcome = Outcome.mean(outcomes);
      if (setting.isEmpty()) {
        plainBytes = outcome.bytes();
      }
      out.println(row(setting, outcome, plainBytes, Outcome.spread(outcomes)));
      out.flush();
    }
    return 0;
  }

  private Compression compression(String text) {
    String[] parts = text.split(":", -1);
    try {
      if (parts.length == 2) {
        return new Compression(Double.parseDouble(parts[0]), Integer.parseInt(parts[1]));
      }
    } catch (NumberFormatException e) {
      throw usage("expected KEEP:BITS such as 0.2:6, was '" + text + "'");
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    throw usage("expected KEEP:BITS such as 0.2:6, was '" + text + "'");
  }

  private ParameterException usage(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }

  private void heading(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "LeNet cut after conv2, Fashion-MNIST, batch %d, %d steps, mean of %d seeds; step time on"
            + " %s Mbit/s with %s ms round trip%n%n",
        CompressionBench.BATCH,
        steps,
        seeds,
        number(rate),
        number(roundTrip));
    out.println(
        "| Keep | Bits | Up B/step | Down B/step | Saved | Over formula | Accuracy | ± | Plain at"
            + " test | Codec ms | Compute ms | Link ms | Step ms |");
    out.println("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    out.flush();
  }

  private String row(
      Optional<Compression> setting, Outcome outcome, double plainBytes, double spread) {
    double link = outcome.bytes() * 8 / (rate * 1e6) + roundTrip / 1e3;
    return String.format(
        Locale.ROOT,
        "| %s | %.0f | %.0f | %.1f %% | %+.1f %% | %.1f %% | %.1f | %.1f %% | %.2f | %.2f | %.1f |"
            + " %.1f |",
        setting.map(c -> number(c.keep()) + " | " + c.bits()).orElse("all | 32"),
        outcome.upBytes(),
        outcome.downBytes(),
        100 * (1 - outcome.bytes() / plainBytes),
        100 * (outcome.bytes() / outcome.expectedBytes() - 1),
        100 * outcome.accuracy(),
        100 * spread,
        100 * outcome.plainAccuracy(),
        1e3 * outcome.codecSeconds(),
        1e3 * outcome.computeSeconds(),
        1e3 * link,
        1e3 * (link + outcome.codecSeconds() + outcome.computeSeconds()));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
