package io.foresplit.app.evaluate;

import io.foresplit.app.config.StartupException;
import io.foresplit.bench.evaluate.Evaluation;
import io.foresplit.bench.evaluate.Mutant;
import io.foresplit.bench.evaluate.RunStore;
import io.foresplit.bench.evaluate.ScenarioRunner;
import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.evaluate.Strategy;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.report.EvaluationReport;
import io.foresplit.bench.report.TextReport;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.ScenarioFile;
import io.foresplit.bench.scenario.ScenarioFileException;
import io.foresplit.bench.scenario.Suite;
import io.foresplit.bench.scenario.Traits;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether maintenance helps, and by how much. */
@Command(
    name = "evaluate",
    description = {
      "Judge whether maintenance helps: run scenarios with and without faults under several",
      "strategies, in virtual time and with the service's own decision code, and report detection,",
      "diagnosis, recovery and what false alarms cost."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "An interrupted evaluation goes on where it was when it is started again with the same options.",
      "",
      "Example: foresplit evaluate --suite quick --report report"
    })
public final class EvaluateCommand implements Callable<Integer> {
  private static final int MOST_SEEDS = 1000;

  @Option(
      names = "--suite",
      paramLabel = "SUITE",
      description = "quick (a minute), standard (minutes) or full (hours); quick by default.")
  private @Nullable String suiteName;

  @Option(
      names = "--scenario",
      paramLabel = "FILE",
      arity = "1..*",
      description = "Scenarios of your own instead of a suite, see docs/scenarios.md.")
  private List<Path> files = List.of();

  @Option(
      names = "--strategies",
      paramLabel = "NAME",
      split = ",",
      description = "Of none, reactive, proactive, random, restart and oracle; all by default.")
  private List<String> strategyNames = List.of();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Passes of the suite, each drawn from a seed of its own, 1 to N.")
  private @Nullable Integer seeds;

  @Option(
      names = "--report",
      paramLabel = "FOLDER",
      description =
          "Where report.json, timing.json, runs.jsonl and index.html go; ${DEFAULT-VALUE}.")
  private Path report = Path.of("evaluation");

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Scenarios at once; by default one a core. Changes no figure.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--mutant",
      paramLabel = "NAME",
      description = {
        "Check the yardstick: make a part of the service worse on purpose. One of",
        "constant-forecaster, shuffled-ranker, careless, careless-unverified and unverified."
      })
  private @Nullable String mutantName;

  @Option(names = "--fresh", description = "Begin anew even where a part is done.")
  private boolean fresh;

  @Option(
      names = "--write",
      paramLabel = "FOLDER",
      description = "Write the scenarios as files and run nothing.")
  private @Nullable Path write;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Set<Strategy> strategies = strategies();
    stages(); // a wrong name is told before hours of work
    List<ScenarioFile> scenarios = scenarios();
    PrintWriter out = spec.commandLine().getOut();
    Path folder = write;
    if (folder != null) {
      writeTo(folder, scenarios);
      out.println(scenarios.size() + " scenarios written to " + folder);
      return 0;
    }
    evaluate(scenarios, strategies, out);
    return 0;
  }

  private void evaluate(List<ScenarioFile> scenarios, Set<Strategy> strategies, PrintWriter out)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    if (Files.exists(report) && !Files.isDirectory(report)) {
      throw wrong("--report must be a folder, " + report + " is none");
    }
    Files.createDirectories(report);
    RunStore store = store(strategies);
    ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), Ansi.AUTO.enabled());
    List<Run> runs =
        Evaluation.run(scenarios, strategies, new ScenarioRunner(stages()), store, threads, bar);
    bar.close();
    double seconds = (System.nanoTime() - begun) / 1e9;
    double hours = runs.stream().mapToDouble(run -> run.durationSeconds() / 3600).sum();
    EvaluationReport.write(report, about(scenarios), runs, timing(seconds, hours));
    store.delete();
    TextReport.lines(Run.SIMULATED, runs).forEach(out::println);
    out.println();
    out.printf(
        Locale.ROOT,
        "%d scenarios, %.0f hours of training over %d strategies in %.0f s%n",
        scenarios.size(),
        hours,
        strategies.size(),
        seconds);
    out.println("report: " + report.resolve("index.html"));
    out.flush();
  }

  private RunStore store(Set<Strategy> strategies) throws IOException {
    Path file = report.resolve("progress.jsonl");
    if (fresh) {
      Files.deleteIfExists(file);
    }
    return RunStore.open(
        file,
        new Fingerprint()
            .ofBuild()
            .of(files)
            .of(suiteName + " " + seeds + " " + mutantName)
            .of(strategies.toString())
            .hex());
  }

  private EvaluationReport.About about(List<ScenarioFile> scenarios) {
    return new EvaluationReport.About(
        (files.isEmpty() ? suite().label() : "own")
            + (mutantName == null ? "" : ", mutant " + mutantName),
        Run.SIMULATED,
        spec.root().version()[0],
        new EvaluationReport.Machine(
            System.getProperty("os.name", "unknown"),
            System.getProperty("os.arch", "unknown"),
            System.getProperty("java.vendor", "unknown")
                + " "
                + System.getProperty("java.version", "unknown")),
        Traits.of(scenarios.stream().map(ScenarioFile::scenario).toList()));
  }

  private SortedMap<String, Double> timing(double seconds, double hours) {
    SortedMap<String, Double> timing = new TreeMap<>();
    timing.put("wallSeconds", seconds);
    timing.put("scenarioHoursPerWallMinute", hours / seconds * 60);
    timing.put("threads", (double) threads);
    return timing;
  }

  private Set<Strategy> strategies() {
    Set<Strategy> chosen = EnumSet.noneOf(Strategy.class);
    for (String name : strategyNames) {
      try {
        chosen.add(Strategy.ofLabel(name.strip()));
      } catch (IllegalArgumentException e) {
        throw wrong("--strategies: " + e.getMessage());
      }
    }
    return chosen.isEmpty() ? EnumSet.allOf(Strategy.class) : chosen;
  }

  private Stages stages() {
    Stages service = Stages.ofService();
    try {
      return mutantName == null ? service : Mutant.ofLabel(mutantName).of(service);
    } catch (IllegalArgumentException e) {
      throw wrong("--mutant: " + e.getMessage());
    }
  }

  private Suite suite() {
    try {
      return Suite.ofLabel(suiteName == null ? Suite.QUICK.label() : suiteName);
    } catch (IllegalArgumentException e) {
      throw wrong("--suite: " + e.getMessage());
    }
  }

  private List<ScenarioFile> scenarios() {
    if (threads < 1) {
      throw wrong("--threads must be at least 1, was " + threads);
    }
    if (!files.isEmpty()) {
      if (suiteName != null || seeds != null) {
        throw wrong("--scenario brings its own worlds: leave out --suite and --seeds");
      }
      return ownScenarios();
    }
    int passes = seeds == null ? suite().defaultSeeds() : seeds;
    if (passes < 1 || passes > MOST_SEEDS) {
      throw wrong("--seeds must be between 1 and " + MOST_SEEDS + ", was " + seeds);
    }
    List<ScenarioFile> scenarios = new ArrayList<>();
    for (long seed = 1; seed <= passes; seed++) {
      suite().scenarios(seed).stream().map(ScenarioFile::of).forEach(scenarios::add);
    }
    return scenarios;
  }

  private List<ScenarioFile> ownScenarios() {
    List<ScenarioFile> own = files.stream().map(EvaluateCommand::read).toList();
    Set<String> names = new HashSet<>();
    for (ScenarioFile file : own) {
      String name = file.scenario().id() + " with seed " + file.scenario().seed();
      if (!names.add(name)) {
        throw wrong(
            "--scenario: two files have scenario " + name + ": give one another id or seed");
      }
    }
    return own;
  }

  private static ScenarioFile read(Path file) {
    try {
      return ScenarioFile.read(file);
    } catch (ScenarioFileException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void writeTo(Path folder, List<ScenarioFile> scenarios) throws IOException {
    for (ScenarioFile file : scenarios) {
      Scenario scenario = file.scenario();
      Path path =
          folder
              .resolve("seed-" + scenario.seed())
              .resolve(scenario.id().replace('/', '-') + ".yaml");
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.yaml());
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
