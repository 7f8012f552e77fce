package io.foresplit.app.kind;

import io.foresplit.bench.diagnosis.CauseSampler;
import io.foresplit.bench.diagnosis.KnownCause;
import io.foresplit.bench.model.CauseTraining;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.Suite;
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

/** What tells causes of learning apart, trained on faults that were injected. */
@Command(
    name = "causes",
    description = {
      "Train what tells by which cause learning suffers: run scenarios of the",
      "suite training in virtual time with the service's own decision code,",
      "learn from its diagnoses and the faults that were injected, judge each",
      "seed by a model of the others, write the model.",
      "The same options give the same file."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit train causes --out learning-causes.json"})
public final class TrainCausesCommand implements Callable<Integer> {
  private static final Suite SUITE = Suite.TRAINING;

  @Mixin private ModelFile modelFile = new ModelFile();

  @Mixin private Worlds worlds = new Worlds();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Path file = modelFile.checked();
    List<Scenario> scenarios = worlds.of(SUITE, 2, spec);
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        scenarios.size()
            + " scenarios of the suite "
            + SUITE.label()
            + ", seeds "
            + worlds.seeds(SUITE));
    out.flush();
    List<KnownCause> known = CauseSampler.sample(scenarios);
    SortedMap<String, String> origin = new TreeMap<>();
    origin.put("suite", SUITE.label());
    origin.put("seeds", worlds.seeds(SUITE));
    origin.put("scenarios", Integer.toString(scenarios.size()));
    origin.put("diagnoses", Integer.toString(known.size()));
    origin.put("program", spec.root().version()[0]);
    CauseTraining.Trained trained;
    try {
      trained = CauseTraining.train(known, origin);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage() + ": take more seeds or scenarios");
    }
    Files.writeString(file, trained.model().json());
    out.println(known.size() + " diagnoses, each seed judged by a model of the others");
    trained
        .heldOut()
        .forEach((truth, named) -> out.printf(Locale.ROOT, "%-22s named %s%n", truth, named));
    out.println("written to " + file);
    out.flush();
    return 0;
  }
}
