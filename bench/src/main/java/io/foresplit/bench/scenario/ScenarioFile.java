package io.foresplit.bench.scenario;

import io.foresplit.bench.measure.Truth;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.OptimiserSpec;
import io.foresplit.runtime.tensor.Optimiser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A scenario as its file declares it.
 *
 * <pre>{@code
 * id: fading-uplink
 * topology: own                   # optional: family, for tables
 * use: scoring                    # optional: or tuning
 * seed: 1                         # optional: of all noise
 * duration: 30 min
 * file: job.yaml                  # or job: { … } as in a job file
 * noise: { links: 8 %, wave: 10 %, wavePeriod: 90 s, compute: 2 %, messages: 0.4, usage: 5 % }
 * faults:
 *   - kind: uplink-fade
 *     target: device->edge        # link, node or job
 *     onset: 8 min
 *     ramp: 3 min                 # optional: without it, at once
 *     shape: s-curve              # optional: linear, accelerating, s-curve, stairs
 *     size: 8                     # what it means is told by the kind
 *     lasts: 12 min               # optional: without it, to the end
 *     truth: { cause: uplink-fade, breach: 9.5 min }   # optional: instead of what is derived
 * normal:                         # hard, but nothing is wrong
 *   - { kind: diurnal-load, target: edge, onset: 0 s, period: 10 min, size: 1.3 }
 * plannedMoves:
 *   - { at: 20 min, cuts: [1, 3] }
 * }</pre>
 *
 * Several jobs stand in a list {@code jobs}, each with a {@code job} or {@code file}, and with
 * faults, normal, noise and planned moves of its own; nodes of the same name are one machine. Links
 * without a trace of their own, jitter or loss vary as {@code noise} says.
 *
 * @param declared what the file says beyond the scenario, in the order of its jobs
 */
public record ScenarioFile(Scenario scenario, List<Declared> declared) {
  /**
   * What a file says of a job beyond the scenario.
   *
   * @param file the job, with names of traces
   * @param truths of its faults, in order of onset, as far as they are stated
   */
  record Declared(JobFile file, List<Optional<StatedTruth>> truths) {
    Declared {
      truths = List.copyOf(truths);
    }
  }

  public ScenarioFile {
    declared = List.copyOf(declared);
  }

  /** Reads a file in UTF-8. Files that it names are looked for beside it. */
  public static ScenarioFile read(Path file) throws ScenarioFileException {
    String yaml;
    try {
      yaml = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new ScenarioFileException(
          List.of(file + ": expected a readable scenario file in UTF-8, was " + e));
    }
    Path folder = file.toAbsolutePath().getParent();
    return parse(yaml, file.toString(), folder == null ? Path.of("") : folder);
  }

  /**
   * Parses a scenario file.
   *
   * @param source names the file in problems
   * @param folder that names of files start from
   */
  public static ScenarioFile parse(String yaml, String source, Path folder)
      throws ScenarioFileException {
    return new ScenarioParser(source, folder).parse(yaml);
  }

  /** The file of a scenario that was drawn, such as one of a suite. */
  public static ScenarioFile of(Scenario scenario) {
    return new ScenarioFile(
        scenario,
        scenario.jobs().stream()
            .map(
                job ->
                    new Declared(
                        new JobFile(
                            job.spec(),
                            specOf(job.optimiser()),
                            Map.of(),
                            Map.of(),
                            Map.of(),
                            List.of(),
                            Optional.empty()),
                        job.faults().stream().map(f -> Optional.<StatedTruth>empty()).toList()))
            .toList());
  }

  private static OptimiserSpec specOf(Optimiser optimiser) {
    return new OptimiserSpec(
        optimiser instanceof Optimiser.Adam ? OptimiserSpec.ADAM : OptimiserSpec.SGD_MOMENTUM,
        optimiser.learningRate());
  }

  /**
   * The file's text: parsed in the folder of the file that was read, it gives the same scenario.
   *
   * @throws IllegalArgumentException when a link follows what no file can say, or an optimiser has
   *     unusual constants
   */
  public String yaml() {
    return new ScenarioWriter(this).yaml();
  }

  /** Names of the files that links follow, from the folder of the file that was read. */
  public List<String> traceFiles() {
    return declared.stream()
        .flatMap(job -> job.file().traces().values().stream())
        .filter(name -> !ScenarioParser.isMade(name))
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * Ground truth of one job: what is derived, and in its place what the file states.
   *
   * @param job index of the job
   * @param breaches see {@link Truths#of}
   */
  public List<Truth> truths(int job, List<OptionalDouble> breaches) {
    List<Truth> derived = Truths.of(scenario.jobs().get(job), scenario.durationSeconds(), breaches);
    List<Optional<StatedTruth>> stated = declared.get(job).truths();
    List<Truth> truths = new ArrayList<>();
    for (int i = 0; i < derived.size(); i++) {
      Truth truth = derived.get(i);
      truths.add(stated.get(i).map(s -> s.over(truth)).orElse(truth));
    }
    return List.copyOf(truths);
  }
}
