package io.foresplit.app.evaluate;

import io.foresplit.app.config.StartupException;
import io.foresplit.app.process.LogFile;
import io.foresplit.app.process.StopSignal;
import io.foresplit.bench.evaluate.Evaluation;
import io.foresplit.bench.evaluate.Mutant;
import io.foresplit.bench.evaluate.RunStore;
import io.foresplit.bench.evaluate.ScenarioRunner;
import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.evaluate.Strategy;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.report.EvaluationReport;
import io.foresplit.bench.report.TextReport;
import io.foresplit.bench.scenario.RealSuite;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.ScenarioFile;
import io.foresplit.bench.scenario.Suite;
import io.foresplit.bench.scenario.Traits;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
      "strategies, in virtual time and with the service's own decision code, or on real processes,",
      "and report detection, diagnosis, recovery and what false alarms cost."
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
  private static final int FAILURE = 1;
  private static final int INTERRUPTED = 130;

  /** What a real run takes beside its scenario. */
  private static final double START_AND_END_SECONDS = 14;

  @Option(
      names = "--suite",
      paramLabel = "SUITE",
      description = {
        "quick (a minute), standard (minutes) or full (hours); quick by default. training has",
        "other jobs, for training and tuning."
      })
  private @Nullable String suiteName;

  @Option(
      names = "--scenario",
      paramLabel = "FILE",
      arity = "1..*",
      description = "Scenarios of your own instead of a suite, see docs/scenarios.md.")
  private List<Path> files = List.of();

  @Option(
      names = "--runtime",
      paramLabel = "RUNTIME",
      description = {
        "simulated (default), or real: real processes, Kafka and service, in real time, one scenario",
        "after the other (quick half an hour, standard 85 minutes), and the same in simulation",
        "beside them."
      })
  private String runtime = Run.SIMULATED;

  @Option(
      names = "--strategies",
      paramLabel = "NAME",
      split = ",",
      description = {
        "Of none, reactive, proactive, random, restart and oracle; all by default. On the real",
        "runtime of none and proactive; proactive by default."
      })
  private List<String> strategyNames = List.of();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Passes of the suite, each drawn from a seed of its own.")
  private @Nullable Integer seeds;

  @Option(
      names = "--first-seed",
      paramLabel = "SEED",
      description = "The first seed, ${DEFAULT-VALUE} by default; the others follow.")
  private long firstSeed = 1;

  @Option(
      names = "--course",
      paramLabel = "COURSE",
      description = "Only scenarios of this course of the suite: gradual, sudden or none.")
  private Scenario.@Nullable Course course;

  @Option(
      names = "--record-telemetry",
      paramLabel = "FOLDER",
      description = {
        "Also write what nodes report, one file a scenario: series,interval,value, without a value",
        "where there is a gap. In simulation only."
      })
  private @Nullable Path telemetry;

  @Option(
      names = "--report",
      paramLabel = "FOLDER",
      description =
          "Where report.json, timing.json, runs.jsonl and index.html go; ${DEFAULT-VALUE}.")
  private Path report = Path.of("evaluation");

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Scenarios at once; by default one a core. Changes no figure. On the real runtime, one.")
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
    checkRuntime();
    Set<Strategy> strategies = strategies();
    stages(); // a wrong name is told before hours of work
    List<ScenarioFile> scenarios = scenarios();
    PrintWriter out = spec.commandLine().getOut();
    Path folder = write;
    if (folder != null) {
      OwnScenarios.write(folder, scenarios);
      out.println(scenarios.size() + " scenarios written to " + folder);
      return 0;
    }
    if (Files.exists(report) && !Files.isDirectory(report)) {
      throw wrong("--report must be a folder, " + report + " is none");
    }
    Files.createDirectories(report);
    if (!isReal()) {
      return evaluate(scenarios, strategies, new ScenarioRunner(stages(), telemetry), out);
    }
    Path runs = report.resolve("real");
    out.println("log: " + LogFile.in(runs));
    out.flush();
    try (StopSignal signal = StopSignal.listen()) {
      return evaluate(
          scenarios,
          strategies,
          new RealRunner(
              new ScenarioRunner(stages()),
              runs,
              spec.root().userObject().getClass(),
              signal.latch()),
          out);
    } catch (InterruptedException e) {
      out.println("stopped: the same command goes on with what is left");
      out.flush();
      return INTERRUPTED;
    }
  }

  private int evaluate(
      List<ScenarioFile> scenarios,
      Set<Strategy> strategies,
      Evaluation.Runner runner,
      PrintWriter out)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    RunStore store = store(scenarios, strategies);
    Evaluation.Result result;
    try (ProgressBar bar =
        new ProgressBar(
            spec.commandLine().getErr(),
            Ansi.AUTO.enabled(),
            secondsEach(scenarios, strategies),
            System::nanoTime)) {
      result = Evaluation.run(scenarios, strategies, runner, store, isReal() ? 1 : threads, bar);
    }
    List<Run> runs = result.runs();
    if (runs.isEmpty()) {
      throw new StartupException("none of the " + scenarios.size() + " scenarios could be run");
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    double hours = runs.stream().mapToDouble(run -> run.durationSeconds() / 3600).sum();
    EvaluationReport.write(report, about(scenarios), runs, timing(seconds, hours));
    TextReport.lines(runtime, runs).forEach(out::println);
    out.println();
    out.printf(
        Locale.ROOT,
        "%d scenarios, %.0f hours of training over %d strategies in %.0f s%n",
        scenarios.size(),
        hours,
        strategies.size(),
        seconds);
    out.println("report: " + report.resolve("index.html"));
    if (result.failed().isEmpty()) {
      store.delete();
    } else {
      out.println(
          result.failed().size()
              + " of "
              + scenarios.size()
              + " scenarios failed and are not in the report; the same command tries them again:");
      result.failed().forEach(reason -> out.println("  " + reason));
    }
    out.flush();
    return result.failed().isEmpty() ? 0 : FAILURE;
  }

  private boolean isReal() {
    return runtime.equals(Run.REAL);
  }

  /** What a scenario takes on average in real time; 0 in virtual time, where nobody knows. */
  private double secondsEach(List<ScenarioFile> scenarios, Set<Strategy> strategies) {
    return isReal()
        ? strategies.size()
            * (START_AND_END_SECONDS
                + scenarios.stream()
                    .mapToDouble(file -> file.scenario().durationSeconds())
                    .average()
                    .orElse(0))
        : 0;
  }

  private RunStore store(List<ScenarioFile> scenarios, Set<Strategy> strategies)
      throws IOException {
    Path file = report.resolve("progress.jsonl");
    if (fresh) {
      Files.deleteIfExists(file);
    }
    Fingerprint fingerprint =
        new Fingerprint()
            .ofBuild()
            .of(mutantName + " " + runtime + " " + strategies + " " + telemetry);
    for (int i = 0; i < scenarios.size(); i++) {
      Path from = files.isEmpty() ? report : files.get(i);
      Path folder = from.toAbsolutePath().getParent();
      fingerprint.of(scenarios.get(i), folder == null ? from : folder);
    }
    return RunStore.open(file, fingerprint.hex());
  }

  private EvaluationReport.About about(List<ScenarioFile> scenarios) {
    return new EvaluationReport.About(
        (files.isEmpty() ? suite().label() : "own")
            + (course == null ? "" : ", course " + course.name().toLowerCase(Locale.ROOT))
            + (mutantName == null ? "" : ", mutant " + mutantName),
        runtime,
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
    if (!isReal()) {
      return chosen.isEmpty() ? EnumSet.allOf(Strategy.class) : chosen;
    }
    if (!RealRunner.STRATEGIES.containsAll(chosen)) {
      chosen.removeAll(RealRunner.STRATEGIES);
      throw wrong(
          "--strategies: the real runtime has none and proactive, was "
              + chosen.stream().map(Strategy::label).collect(Collectors.joining(", ")));
    }
    return chosen.isEmpty() ? EnumSet.of(Strategy.PROACTIVE) : chosen;
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

  private void checkRuntime() {
    if (!isReal() && !runtime.equals(Run.SIMULATED)) {
      throw wrong("--runtime must be simulated or real, was '" + runtime + "'");
    }
    if (isReal() && mutantName != null) {
      throw wrong("--mutant: the service on the real runtime is the real one");
    }
    if (isReal() && Suite.TRAINING.label().equals(suiteName)) {
      throw wrong("--suite: training has no real runs");
    }
    if (isReal() && telemetry != null) {
      throw wrong("--record-telemetry: the real runtime keeps its records on Kafka");
    }
  }

  private List<ScenarioFile> scenarios() {
    if (threads < 1) {
      throw wrong("--threads must be at least 1, was " + threads);
    }
    if (!files.isEmpty()) {
      if (suiteName != null || seeds != null || course != null) {
        throw wrong("--scenario brings its own worlds: leave out --suite, --seeds and --course");
      }
      try {
        return OwnScenarios.read(files, isReal());
      } catch (IllegalArgumentException e) {
        throw wrong("--scenario: " + e.getMessage());
      }
    }
    int usual = isReal() ? RealSuite.defaultSeeds(suite()) : suite().defaultSeeds();
    int passes = seeds == null ? usual : seeds;
    if (passes < 1 || passes > MOST_SEEDS) {
      throw wrong("--seeds must be between 1 and " + MOST_SEEDS + ", was " + seeds);
    }
    List<ScenarioFile> scenarios = new ArrayList<>();
    for (long seed = firstSeed; seed < firstSeed + passes; seed++) {
      List<Scenario> pass = isReal() ? RealSuite.scenarios(seed) : suite().scenarios(seed);
      pass.stream()
          .filter(scenario -> course == null || scenario.course() == course)
          .map(ScenarioFile::of)
          .forEach(scenarios::add);
    }
    return scenarios;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
