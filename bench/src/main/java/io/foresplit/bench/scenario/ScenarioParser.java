package io.foresplit.bench.scenario;

import io.foresplit.bench.scenario.Scenario.Course;
import io.foresplit.bench.scenario.Scenario.PlannedMove;
import io.foresplit.bench.scenario.Scenario.Use;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.contract.jobfile.ModelProfiles;
import io.foresplit.contract.jobfile.OptimiserSpec;
import io.foresplit.contract.jobfile.Quantity;
import io.foresplit.contract.jobfile.Section;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.link.LinkTraces;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads one scenario file and gathers what is wrong with it. Used once; not thread-safe. */
final class ScenarioParser {
  private static final ModelProfiles MODELS =
      (model, batch) -> ModelDefinition.named(model).profile(batch);
  private static final String OWN = "own";
  private static final long SEED = 1;

  private final String source;
  private final Path folder;
  private final List<String> problems = new ArrayList<>();
  private final List<Scenario.Job> jobs = new ArrayList<>();
  private final List<ScenarioFile.Declared> declared = new ArrayList<>();
  private final List<ScenarioFile> result = new ArrayList<>();
  private long worldSeed;
  private double durationSeconds;

  ScenarioParser(String source, Path folder) {
    this.source = source;
    this.folder = folder;
  }

  ScenarioFile parse(String yaml) throws ScenarioFileException {
    Section.read(yaml, source, problems, this::root);
    if (!problems.isEmpty()) {
      throw new ScenarioFileException(problems);
    }
    return result.get(0);
  }

  private void root(Section root) {
    String id = root.text("id");
    String topology = root.has("topology") ? root.text("topology") : OWN;
    Use use = root.has("use") ? root.constant("use", Use.class) : Use.SCORING;
    long seed = root.has("seed") ? seed(root) : SEED;
    durationSeconds = root.quantity("duration", Quantity.TIME);
    worldSeed = Scenario.worldSeed(seed, id);
    if (root.has("jobs")) {
      int before = problems.size();
      root.sections("jobs", this::job);
      if (jobs.isEmpty() && problems.size() == before) {
        root.problem("jobs", "at least one job", "an empty list");
      }
    } else {
      job(root);
    }
    Optional<String> kind = root.has("kind") ? Optional.of(root.text("kind")) : Optional.empty();
    Optional<Course> course =
        root.has("course") ? Optional.of(root.constant("course", Course.class)) : Optional.empty();
    if (!problems.isEmpty()) {
      return;
    }
    root.attempt(
        () ->
            result.add(
                new ScenarioFile(
                    new Scenario(
                        id,
                        topology,
                        kind.orElse(ScenarioKind.of(jobs)),
                        course.orElse(ScenarioKind.courseOf(jobs)),
                        use,
                        seed,
                        durationSeconds,
                        jobs),
                    declared)));
  }

  private static long seed(Section root) {
    String text = root.text("seed");
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      root.problem("seed", "a whole number", "'" + text + "'");
      return SEED;
    }
  }

  private void job(Section section) {
    int before = problems.size();
    Optional<JobFile> file = jobFile(section);
    WorldNoise noise = WorldNoise.read(section);
    DisturbanceReader reader = new DisturbanceReader(file.map(JobFile::job), durationSeconds);
    if (section.has("faults")) {
      section.sections("faults", reader::fault);
    }
    if (section.has("normal")) {
      section.sections("normal", reader::normal);
    }
    List<PlannedMove> moves = new ArrayList<>();
    if (section.has("plannedMoves")) {
      section.sections("plannedMoves", s -> plannedMove(s, file.map(JobFile::job), moves));
      moves.sort(Comparator.comparingDouble(PlannedMove::atSeconds));
    }
    if (problems.size() > before || file.isEmpty()) {
      return;
    }
    section.attempt(() -> finish(section, file.get(), noise, reader, moves));
  }

  private void finish(
      Section section,
      JobFile file,
      WorldNoise noise,
      DisturbanceReader reader,
      List<PlannedMove> moves) {
    JobSpec job = file.job();
    Map<ComponentId, RateTrace> traces =
        new TreeMap<>(
            GeneratedTrace.forLinks(
                job, worldSeed, noise.links(), noise.wave(), noise.wavePeriodSeconds()));
    try {
      traces.putAll(LinkTraces.of(file, folder, worldSeed));
    } catch (IOException e) {
      section.problem("job", "traces that can be read", String.valueOf(e.getMessage()));
      return;
    }
    Placement initial =
        file.placement().orElseGet(() -> new CutPlanner().best(job, job.declaredConditions()));
    Scenario.Job made =
        new Scenario.Job(
            job,
            initial,
            optimiser(file.optimiser()),
            traces,
            noise.machine(),
            reader.faults(),
            reader.normal(),
            moves);
    made.simulation(worldSeed); // refuses what cannot be simulated
    jobs.add(made);
    declared.add(new ScenarioFile.Declared(file, reader.truths()));
  }

  static Optimiser optimiser(OptimiserSpec spec) {
    return spec.name().equals(OptimiserSpec.ADAM)
        ? new Optimiser.Adam(spec.learningRate(), 0.9, 0.999, 1e-8)
        : new Optimiser.SgdMomentum(spec.learningRate(), 0.9);
  }

  private Optional<JobFile> jobFile(Section section) {
    boolean beside = section.has("file");
    if (beside && section.has("job")) {
      section.problem("job", "either a job or a file", "both");
      return Optional.empty();
    }
    List<JobFile> found = new ArrayList<>();
    if (beside) {
      fromFile(section.text("file")).ifPresent(found::add);
    } else {
      section.section("job", s -> JobFile.read(s, MODELS).ifPresent(found::add));
    }
    return found.stream().findFirst().filter(file -> isSimulated(section, file));
  }

  /** Traces that the file names are then named from the scenario's folder. */
  private Optional<JobFile> fromFile(String name) {
    try {
      JobFile file = JobFile.read(folder.resolve(name), MODELS);
      Map<ComponentId, String> traces = new TreeMap<>(file.traces());
      Path beside = Path.of(name).getParent();
      if (beside != null) {
        traces.replaceAll((link, trace) -> isMade(trace) ? trace : "" + beside.resolve(trace));
      }
      return Optional.of(
          new JobFile(
              file.job(),
              file.optimiser(),
              traces,
              file.disturbances(),
              file.compressions(),
              file.cuts(),
              file.replication()));
    } catch (JobFileException e) {
      problems.addAll(e.problems());
      return Optional.empty();
    }
  }

  /** Whether the name of a trace stands for one that is made, not for a file. */
  static boolean isMade(String trace) {
    return trace.equals(LinkTraces.GENERATED) || trace.equals(LinkTraces.FADING);
  }

  private static boolean isSimulated(Section section, JobFile file) {
    String key = section.has("file") ? "file" : "job";
    boolean plain = file.job().scheme().isPlain();
    if (!plain) {
      section.problem(
          key,
          "a job with one client and one pass a step, as scenarios are simulated",
          "mode "
              + file.job().scheme().mode()
              + " with "
              + file.job().clients().size()
              + " clients and "
              + file.job().scheme().microBatches()
              + " micro-batches");
    }
    if (!file.compressions().isEmpty()) {
      section.problem(
          key,
          "links that start without compression, as scenarios have none",
          "compression of " + file.compressions().keySet());
    }
    return plain && file.compressions().isEmpty();
  }

  private void plannedMove(Section section, Optional<JobSpec> job, List<PlannedMove> moves) {
    double at = section.quantity("at", Quantity.TIME);
    List<Integer> cuts = section.integers("cuts");
    if (!(at >= 0 && at < durationSeconds)) {
      section.problem("at", "a time before the end of the scenario", at + " s");
    }
    job.ifPresent(
        spec -> target(section, spec, cuts).ifPresent(to -> moves.add(new PlannedMove(at, to))));
  }

  private static Optional<Placement> target(Section section, JobSpec job, List<Integer> cuts) {
    int last = 0;
    for (int cut : cuts) {
      if (cut < last || cut > job.layers().size()) {
        section.problem(
            "cuts", "numbers that do not fall, 0 to " + job.layers().size(), cuts.toString());
        return Optional.empty();
      }
      last = cut;
    }
    if (cuts.size() != job.nodes().size() - 1) {
      section.problem("cuts", "one number fewer than nodes of the chain", cuts.toString());
      return Optional.empty();
    }
    Placement target =
        Placement.ofCuts(
            job.nodes().stream().map(NodeSpec::id).toList(), job.layers().size(), cuts);
    List<String> violations = target.violations(job);
    if (!violations.isEmpty()) {
      section.problem(
          "cuts", "a placement the job allows", cuts + ": " + String.join("; ", violations));
      return Optional.empty();
    }
    return Optional.of(target);
  }
}
