package io.foresplit.app.kind;

import io.foresplit.bench.kind.IncidentSampler;
import io.foresplit.bench.kind.KindTraining;
import io.foresplit.bench.kind.KnownIncident;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.Suite;
import io.foresplit.forecaster.KindClassifier;
import io.foresplit.forecaster.KindFeatures;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The classifier of kinds of degradation, trained on faults that were injected. */
@Command(
    name = "kinds",
    description = {
      "Train the classifier that says of which kind an incident is: run",
      "scenarios of the suite training in virtual time with the service's own",
      "decision code, learn from its incidents and the faults that were injected,",
      "judge each seed by a model of the others, write the model.",
      "The same options give the same file."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit train kinds --out kinds.tribuo"})
public final class TrainKindsCommand implements Callable<Integer> {
  private static final Suite SUITE = Suite.TRAINING;

  @Mixin private ModelFile modelFile = new ModelFile();

  @Mixin private Worlds worlds = new Worlds();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Path file = modelFile.checked();
    List<Scenario> scenarios =
        worlds.of(SUITE, 2, spec).stream().filter(Scenario::hasFault).toList();
    PrintWriter out = spec.commandLine().getOut();
    out.println(scenarios.size() + " scenarios with a fault, seeds " + worlds.seeds(SUITE));
    out.flush();
    List<KnownIncident> incidents = new IncidentSampler(KindClassifier.NONE).sample(scenarios);
    SortedMap<String, String> origin = new TreeMap<>();
    origin.put("suite", SUITE.label());
    origin.put("seeds", worlds.seeds(SUITE));
    origin.put("scenarios", Integer.toString(scenarios.size()));
    origin.put("incident-records", Integer.toString(incidents.size()));
    origin.put("features", String.join(" ", KindFeatures.NAMES));
    origin.put("program", spec.root().version()[0]);
    KindTraining.Trained trained;
    try {
      trained = KindTraining.train(incidents, origin);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage() + ": take more seeds or scenarios");
    }
    Files.write(file, trained.model().bytes());
    out.println(trained.examples() + " examples, " + KindFeatures.NAMES.size() + " features each");
    out.println();
    out.println("Incidents as they open, each seed judged by a model of the others");
    trained.heldOut().lines().forEach(out::println);
    out.printf(Locale.ROOT, "named right: %.1f %%%n", 100 * trained.heldOut().accuracy());
    out.println();
    out.println(trained.model().version() + " written to " + file);
    out.flush();
    return 0;
  }
}
