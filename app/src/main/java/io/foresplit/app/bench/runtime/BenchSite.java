package io.foresplit.app.bench.runtime;

import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where a benchmark is done.
 *
 * @param folder of its own, for jobs, states and logs
 * @param dataset see {@code node --dataset}
 * @param main class of the program, for its child processes
 * @param out for people
 * @param begun when the benchmark was begun
 * @param troubles what makes figures doubtful, added to while the benchmark runs
 */
record BenchSite(
    Path folder,
    long seed,
    Optional<Path> dataset,
    Class<?> main,
    InstantSource clock,
    PrintWriter out,
    Instant begun,
    List<String> troubles) {
  /** Steps before anything is measured: processes are warm, and replicas are there. */
  private static final int WARM_STEPS = 25;

  /** The job of a resource as it is. */
  static JobFile job(String resource) throws IOException, JobFileException {
    return parse(yaml(resource), resource);
  }

  /**
   * Starts the training of a job.
   *
   * @param name of its folder
   * @param more keys of the job file
   * @param files that lie beside the job file, by name
   * @param warm whether to wait until it is warm, not for its first step alone
   */
  TrainingCluster start(
      String name, String resource, String more, Map<String, String> files, boolean warm)
      throws IOException, InterruptedException, JobFileException {
    Path own = folder.resolve(name);
    Files.createDirectories(own);
    Path file = own.resolve("job.yaml");
    String yaml = yaml(resource) + "\n" + more.replace("FOLDER", own.toString());
    Files.writeString(file, yaml);
    for (Map.Entry<String, String> beside : files.entrySet()) {
      Files.writeString(own.resolve(beside.getKey()), beside.getValue());
    }
    return TrainingCluster.start(
        new TrainingCluster.Plan(
            own, file, parse(yaml, file.toString()), seed, dataset, main, this::trouble),
        clock,
        warm ? WARM_STEPS : 1);
  }

  /** A line of progress. */
  void say(String format, Object... values) {
    out.printf(
        Locale.ROOT,
        "%4.0f s  %s%n",
        StepTrack.seconds(begun, clock.instant()),
        String.format(Locale.ROOT, format, values));
    out.flush();
  }

  private void trouble(String what) {
    troubles.add(what);
    say("%s", what);
  }

  private static JobFile parse(String yaml, String source) throws JobFileException {
    return JobFile.parse(
        yaml, source, (model, batch) -> ModelDefinition.named(model).profile(batch));
  }

  private static String yaml(String resource) throws IOException {
    try (InputStream in = BenchSite.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its resource " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
