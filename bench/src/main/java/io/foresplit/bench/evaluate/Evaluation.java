package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Run;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.ScenarioFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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

    /**
     * A scenario could not be run, the others go on.
     *
     * @param reason in one line that names it
     */
    default void failed(String reason) {}
  }

  /** Runs one scenario. */
  @FunctionalInterface
  public interface Runner {
    /**
     * One run a strategy, job and runtime.
     *
     * @throws ScenarioFailedException when it cannot be run, although others may be
     */
    List<Run> run(ScenarioFile scenario, Set<Strategy> strategies)
        throws ScenarioFailedException, InterruptedException;
  }

  /**
   * What an evaluation came to.
   *
   * @param runs in the order of seed, scenario, strategy and job
   * @param failed why scenarios could not be run; the next evaluation tries them again
   */
  public record Result(List<Run> runs, List<String> failed) {
    public Result {
      runs = List.copyOf(runs);
      failed = List.copyOf(failed);
    }
  }

  /**
   * Runs them all.
   *
   * @param threads scenarios at once
   * @throws IOException when what is done cannot be kept
   */
  public static Result run(
      List<ScenarioFile> scenarios,
      Set<Strategy> strategies,
      Runner runner,
      RunStore store,
      int threads,
      Progress progress)
      throws IOException, InterruptedException {
    List<ScenarioFile> left =
        scenarios.stream().filter(file -> !store.has(file.scenario())).toList();
    int done = scenarios.size() - left.size();
    List<String> failed = new ArrayList<>();
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
      ExecutorCompletionService<Optional<String>> working = new ExecutorCompletionService<>(pool);
      for (ScenarioFile file : left) {
        working.submit(() -> attempt(file, strategies, runner, store));
      }
      for (int i = 0; i < left.size(); i++) {
        finish(working.take())
            .ifPresent(
                reason -> {
                  failed.add(reason);
                  progress.failed(reason);
                });
        progress.done(++done, scenarios.size());
      }
    } finally {
      pool.shutdownNow();
    }
    List<Run> runs = new ArrayList<>();
    scenarios.stream()
        .map(ScenarioFile::scenario)
        .filter(store::has)
        .forEach(scenario -> runs.addAll(store.runs(scenario)));
    runs.sort(
        Comparator.comparingLong(Run::seed)
            .thenComparing(Run::scenario)
            .thenComparing(Run::strategy)
            .thenComparing(Run::job)
            .thenComparing(Run::runtime));
    return new Result(runs, failed);
  }

  /** Runs one scenario; why it failed, if it did. */
  private static Optional<String> attempt(
      ScenarioFile file, Set<Strategy> strategies, Runner runner, RunStore store)
      throws IOException, InterruptedException {
    Scenario scenario = file.scenario();
    String name = "scenario " + scenario.id() + " with seed " + scenario.seed();
    try {
      store.keep(scenario, runner.run(file, strategies));
      return Optional.empty();
    } catch (ScenarioFailedException e) {
      return Optional.of(name + " failed: " + e.getMessage());
    } catch (UncheckedIOException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalStateException(name + " could not be run: " + e, e);
    }
  }

  private static Optional<String> finish(Future<Optional<String>> task)
      throws IOException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof InterruptedException) {
        throw new InterruptedException(cause.getMessage());
      } else if (cause instanceof IOException failure) {
        throw failure;
      } else if (cause instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("a scenario could not be run: " + cause, cause);
    }
  }
}
