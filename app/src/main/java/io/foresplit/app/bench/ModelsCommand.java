package io.foresplit.app.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.app.bench.ModelsBench.Outcome;
import io.foresplit.app.bench.ModelsBench.Recipe;
import io.foresplit.runtime.data.FashionMnist;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Accuracy of the models that come with the program. */
@Command(
    name = "models",
    description = {
      "Train models from scratch on this machine, one thread, unpaced, and judge them by data they",
      "were not trained on."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit bench models lenet transformer --report models.json"})
final class ModelsCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "MODEL",
      description = "Which models; by default all that have a recipe.")
  private List<String> models = new ArrayList<>();

  @Option(names = "--steps", description = "Steps of each; by default a recipe's own.")
  private @Nullable Integer steps;

  @Option(
      names = "--held-out",
      paramLabel = "SAMPLES",
      description = "How many samples judge a model, ${DEFAULT-VALUE} by default.")
  private int heldOut = 10_000;

  @Option(
      names = "--seed",
      description = "Of weights, order and drawn data; ${DEFAULT-VALUE} by default.")
  private long seed = 1;

  @Option(
      names = "--dataset",
      paramLabel = "FOLDER",
      description = "Fashion-MNIST in IDX files; by default the Debian package's, else drawn.")
  private @Nullable Path dataset;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "Text in UTF-8 for the transformer; by default it is drawn.")
  private @Nullable Path text;

  @Option(names = "--report", paramLabel = "FILE", description = "Write the outcomes as JSON.")
  private @Nullable Path report;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if ((steps != null && steps < 1) || heldOut < 1) {
      throw new ParameterException(spec.commandLine(), "--steps and --held-out must be at least 1");
    }
    List<Recipe> recipes = recipes();
    ModelsBench bench = new ModelsBench(seed, heldOut, System::nanoTime);
    PrintWriter out = spec.commandLine().getOut();
    out.println("| Model | Data | Parameters | Batch | Steps | Seconds | Loss | Accuracy |");
    out.println("|---|---|---|---|---|---|---|---|");
    out.flush();
    List<Outcome> outcomes = new ArrayList<>();
    for (Recipe recipe : recipes) {
      Outcome outcome = bench.train(recipe, data(recipe.model()));
      outcomes.add(outcome);
      out.println(row(outcome));
      out.flush();
    }
    Path file = report;
    if (file != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), outcomes);
    }
    return 0;
  }

  private List<Recipe> recipes() {
    List<String> known = ModelsBench.recipes().stream().map(Recipe::model).toList();
    for (String model : models) {
      if (!known.contains(model)) {
        throw new ParameterException(
            spec.commandLine(), "MODEL must be one of " + known + ", was '" + model + "'");
      }
    }
    Integer all = steps;
    return ModelsBench.recipes().stream()
        .filter(recipe -> models.isEmpty() || models.contains(recipe.model()))
        .map(recipe -> all == null ? recipe : recipe.withSteps(all))
        .toList();
  }

  private Optional<Path> data(String model) {
    if (ModelDefinition.named(model).readsText()) {
      return Optional.ofNullable(text);
    }
    return Optional.ofNullable(dataset)
        .or(() -> Optional.of(FashionMnist.DEBIAN).filter(FashionMnist::isIn));
  }

  private static String row(Outcome outcome) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %,d | %d | %,d | %.0f | %.3f to %.3f | %.1f %% |",
        outcome.model(),
        outcome.dataset(),
        outcome.parameters(),
        outcome.batchSize(),
        outcome.steps(),
        outcome.seconds(),
        outcome.firstHeldOutLoss(),
        outcome.heldOutLoss(),
        100 * outcome.heldOutAccuracy());
  }
}
