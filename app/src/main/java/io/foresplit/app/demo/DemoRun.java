package io.foresplit.app.demo;

import io.foresplit.app.config.AppConfig;
import io.foresplit.app.kafka.EmbeddedKafka;
import io.foresplit.app.training.RunRecorder;
import io.foresplit.app.training.ServedTraining;
import io.foresplit.app.training.StepLedger;
import io.foresplit.app.training.TrainingProcesses;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.fault.DemoScenario;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of a scenario on real processes, from the start of the broker to the end of the last
 * process. Used once, by one thread; {@link #stop} may be called by another.
 */
final class DemoRun implements AutoCloseable {
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
    RunRecorder records = new RunRecorder(InstantSource.system());
    ServedTraining served =
        ServedTraining.start(
            settings.config().withKafkaPort(port),
            settings.job().job().id(),
            coordinator,
            List.of(records));
    parts.push(served);
    out.println("  kafka      " + served.service().bootstrapServers());
    out.println("  console    " + served.service().console());

    Optional<TrainingProgress> started = served.awaitFirstStep(stop, this::requireProcesses);
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
      requireProcesses();
      served.requireHealthy();
      ledger.on(served.progress(ledger.next()));
      if (!Instant.now().isBefore(nextLine)) {
        screen.progress(records);
        nextLine = Instant.now().plusSeconds(PROGRESS_SECONDS);
      } else {
        screen.events(records);
      }
    }
    TrainingProgress last = served.progress(ledger.next());
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
                settings.jobYaml() + "\ncuts: " + cuts() + "\n",
                settings.job().job(),
                settings.scenario().seed(),
                settings.scenario().schedule(),
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

  private void requireProcesses() {
    TrainingProcesses processes = watched;
    if (processes != null) {
      processes.requireAlive();
    }
  }

  /** Where each node's layers end. */
  private List<Integer> cuts() {
    List<NodeId> holders = settings.scenario().initial().nodeOfLayer();
    List<Integer> cuts = new ArrayList<>();
    int layers = 0;
    List<NodeSpec> chain = settings.job().job().nodes();
    for (NodeSpec node : chain.subList(0, chain.size() - 1)) {
      layers += Collections.frequency(holders, node.id());
      cuts.add(layers);
    }
    return cuts;
  }

  @Override
  public void close() {
    ServedTraining.closeAll(parts);
  }
}
