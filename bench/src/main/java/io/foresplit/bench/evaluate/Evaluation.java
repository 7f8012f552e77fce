package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Run;
import io.foresplit.bench.scenario.ScenarioFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs scenarios under strategies, several at once; what is done is kept in a {@link RunStore}, so
 * that an interrupted evaluation goes on where it was. The result does not depend on how many run
 * at once.
 */
public final class Evaluation {
  private Evaluation() {}

  /** Told when a scenario is done. */
  @FunctionalInterface
  public interface Progress {
    /**
     * One more is done, or none yet.
     *
     * @param done scenarios so far, those done before an interruption included
     */
    void done(int done, int all);
  }

  /**
   * All runs, in the order of seed, scenario, strategy and job.
   *
   * @param threads scenarios at once
   * @throws IOException when what is done cannot be kept
   */
  public static List<Run> run(
      List<ScenarioFile> scenarios,
      Set<Strategy> strategies,
      ScenarioRunner runner,
      RunStore store,
      int threads,
      Progress progress)
      throws IOException, InterruptedException {
    List<ScenarioFile> left =
        scenarios.stream().filter(file -> !store.has(file.scenario())).toList();
    int done = scenarios.size() - left.size();
    progress.done(done, scenarios.size());
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "foresplit-evaluate");
              thread.setDaemon(true);
              return thread;
            });
    try {
      ExecutorCompletionService<Void> working = new ExecutorCompletionService<>(pool);
      for (ScenarioFile scenario : left) {
        working.submit(
            () -> {
              store.keep(scenario.scenario(), runner.run(scenario, strategies));
              return null;
            });
      }
      for (int i = 0; i < left.size(); i++) {
        finish(working.take());
        progress.done(++done, scenarios.size());
      }
    } finally {
      pool.shutdownNow();
    }
    List<Run> runs = new ArrayList<>();
    scenarios.forEach(scenario -> runs.addAll(store.runs(scenario.scenario())));
    runs.sort(
        Comparator.comparingLong(Run::seed)
            .thenComparing(Run::scenario)
            .thenComparing(Run::strategy)
            .thenComparing(Run::job));
    return runs;
  }

  private static void finish(Future<Void> task) throws IOException, InterruptedException {
    try {
      task.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException failure) {
        throw failure;
      } else if (cause instanceof UncheckedIOException failure) {
        throw failure;
      }
      throw new IllegalStateException("a scenario could not be run", cause);
    }
  }
}
