package io.foresplit.app.kind;

import io.foresplit.bench.kind.IncidentSampler;
import io.foresplit.bench.kind.KindConfusion;
import io.foresplit.bench.kind.KindTraining;
import io.foresplit.bench.kind.KnownIncident;
import io.foresplit.bench.scenario.Suite;
import io.foresplit.forecaster.model.KindModel;
import io.foresplit.forecaster.model.ModelFileException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How often the kind of an incident is named right. */
@Command(
    name = "kinds",
    description = {
      "Judge the kinds that the service names when incidents open in scenarios, in",
      "virtual time, beside the kind of the first cause that its diagnosis names."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit bench kinds --suite standard"})
public final class BenchKindsCommand implements Callable<Integer> {
  @Mixin private SuiteOption suiteOption = new SuiteOption();

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "A model that foresplit train kinds wrote, instead of the built-in one.")
  private @Nullable Path file;

  @Mixin private Worlds worlds = new Worlds();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() {
    Suite suite = suiteOption.suite();
    KindModel model;
    try {
      model = file == null ? KindModel.bundled() : KindModel.load(file);
    } catch (ModelFileException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
    List<KnownIncident> incidents = new IncidentSampler(model).sample(worlds.of(suite, 1, spec));
    PrintWriter out = spec.commandLine().getOut();
    out.println("Incidents of the suite " + suite.label() + ", seeds " + worlds.seeds(suite));
    out.println("of one kind or none, as they open");
    out.println();
    print(
        out,
        "kind by " + model.version(),
        KindTraining.judged(incidents, known -> known.said().kind()));
    print(
        out,
        "kind of the first cause of the diagnosis",
        KindTraining.judged(incidents, KnownIncident::diagnosed));
    return 0;
  }

  private static void print(PrintWriter out, String title, KindConfusion confusion) {
    out.println(title);
    confusion.lines().forEach(out::println);
    out.printf(
        Locale.ROOT,
        "named right: %.1f %%, of those named %.1f %%%n%n",
        100 * confusion.accuracy(),
        100 * confusion.accuracyWhereNamed());
    out.flush();
  }
}
