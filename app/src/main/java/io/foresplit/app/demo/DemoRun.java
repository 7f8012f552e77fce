package io.foresplit.app.demo;

import io.foresplit.app.config.AppConfig;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.kafka.EmbeddedKafka;
import io.foresplit.app.service.Wiring;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.runtime.GrpcTrainingRuntime;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.fault.DemoScenario;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a scenario on real processes, from the start of the broker to the end of the last
 * process. Used once, by one thread; {@link #stop} may be called by another.
 */
final class DemoRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DemoRun.class);
  private static final Duration FIRST_STEP_LIMIT = Duration.ofSeconds(60);
  private static final int PROGRESS_SECONDS = 5;

  /**
   * What to run.
   *
   * @param dataDir of all demo runs
   * @param folder of this run
   * @param keepNodes whether training outlives a killed service
   * @param kept processes to go on with, instead of starting some
   */
  record Settings(
      AppConfig config,
      Path dataDir,
      Path folder,
      String jobYaml,
      JobFile job,
      DemoScenario scenario,
      Optional<Path> dataset,
      String datasetName,
      boolean keepNodes,
      Optional<KeptNodes> kept,
      Class<?> main) {}

  /** What a run leaves: its records, when it began, and how training went. */
  record Result(RunRecorder records, Instant start, DemoJudge.TrainingFacts facts) {}

  private final Settings settings;
  private final PrintStream out;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final CountDownLatch stop;
  private @Nullable TrainingProcesses watched;

  DemoRun(Settings settings, PrintStream out, CountDownLatch stop) {
    this.settings = settings;
    this.out = out;
    this.stop = stop;
  }

  /** Runs to the end of the scenario; empty when it was stopped before. */
  Optional<Result> run() throws Exception {
    long begun = System.nanoTime();
    // the slowest to start come first; they wait for the broker
    int port = EmbeddedKafka.choosePort(settings.folder().resolve("kafka"), 0);
    String coordinator = training("127.0.0.1:" + port);
    Wiring wiring = Wiring.broker(settings.config().withKafkaPort(port));
    parts.push(wiring);
    RunRecorder records = new RunRecorder();
    wiring.stages(Optional.of(coordinator), List.of(records));
    out.println("  kafka      " + wiring.bootstrapServers());
    out.println("  console    " + wiring.console());
    GrpcTrainingRuntime runtime = new GrpcTrainingRuntime(coordinator);
    parts.push(runtime);

    Optional<TrainingProgress> started = awaitFirstStep(runtime);
    if (started.isEmpty()) {
      return Optional.empty();
    }
    double firstStepSeconds = (System.nanoTime() - begun) / 1e9;
    out.printf(java.util.Locale.ROOT, "  training   first step after %.1f s%n", firstStepSeconds);
    Instant start = started.get().started().orElseThrow();
    DemoScreen screen = new DemoScreen(out, settings.job().job(), start);
    screen.heading();
    StepLedger ledger = new StepLedger();
    Instant end = start.plusMillis((long) (1000 * settings.scenario().durationSeconds()));
    Instant nextLine = Instant.now();
    while (Instant.now().isBefore(end)) {
      if (stop.await(500, TimeUnit.MILLISECONDS)) {
        return Optional.empty();
      }
      requireHealthy(wiring);
      ledger.on(runtime.progress(settings.job().job().id(), ledger.next()));
      if (!Instant.now().isBefore(nextLine)) {
        screen.progress(records);
        nextLine = Instant.now().plusSeconds(PROGRESS_SECONDS);
      } else {
        screen.events(records);
      }
    }
    TrainingProgress last = runtime.progress(settings.job().job().id(), ledger.next());
    ledger.on(last);
    screen.events(records);
    return Optional.of(
        new Result(
            records,
            start,
            new DemoJudge.TrainingFacts(last.steps(), ledger.lost(), firstStepSeconds)));
  }

  /** Starts the processes, or finds the kept ones; returns the coordinator's address. */
  private String training(String kafka) throws IOException {
    if (settings.kept().isPresent()) {
      KeptNodes kept = settings.kept().get();
      parts.push(() -> kept.end(settings.dataDir()));
      return kept.coordinator();
    }
    TrainingProcesses processes =
        TrainingProcesses.start(
            new TrainingProcesses.Plan(
                settings.folder(),
                settings.jobYaml(),
                settings.job().job(),
                settings.scenario(),
                settings.dataset(),
                kafka,
                settings.keepNodes(),
                settings.main()));
    parts.push(processes);
    watched = processes;
    if (settings.keepNodes()) {
      KeptNodes kept =
          new KeptNodes(
              settings.folder().toString(),
              processes.coordinator(),
              processes.pids(),
              settings.scenario().fault().kind(),
              settings.scenario().seed(),
              settings.scenario().durationSeconds(),
              settings.datasetName());
      kept.write(settings.dataDir());
      parts.push(() -> kept.end(settings.dataDir()));
    }
    return processes.coordinator();
  }

  private Optional<TrainingProgress> awaitFirstStep(GrpcTrainingRuntime runtime)
      throws InterruptedException {
    long giveUp = System.nanoTime() + FIRST_STEP_LIMIT.toNanos();
    while (System.nanoTime() < giveUp) {
      TrainingProcesses processes = watched;
      if (processes != null) {
        processes.requireAlive();
      }
      try {
        TrainingProgress progress = runtime.progress(settings.job().job().id(), 0);
        if (progress.steps() > 0 && progress.started().isPresent()) {
          return Optional.of(progress);
        }
      } catch (IOException e) {
        // the coordinator is still starting; its end is noticed above
      }
      if (stop.await(100, TimeUnit.MILLISECONDS)) {
        return Optional.empty();
      }
    }
    throw new StartupException(
        "no training step was done within "
            + FIRST_STEP_LIMIT.toSeconds()
            + " s; see the logs in "
            + settings.folder().resolve("logs"));
  }

  private void requireHealthy(Wiring wiring) {
    TrainingProcesses processes = watched;
    if (processes != null) {
      processes.requireAlive();
    }
    if (wiring.failure().isDone()) {
      try {
        Throwable failure = wiring.failure().get();
        throw new StartupException(
            "a part of the service failed: "
                + failure.getMessage()
                + "; see "
                + settings.folder().resolve("logs"),
            failure);
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.warn("{} did not stop in order", part.getClass().getSimpleName(), e);
      }
    }
  }
}
