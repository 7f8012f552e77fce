package io.foresplit.app.evaluate;

import io.foresplit.app.config.AppConfig;
import io.foresplit.app.config.RecoveryConfig;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.kafka.EmbeddedKafka;
import io.foresplit.app.process.Folders;
import io.foresplit.app.training.RunRecorder;
import io.foresplit.app.training.ServedTraining;
import io.foresplit.app.training.TrainingProcesses;
import io.foresplit.bench.evaluate.Evaluation;
import io.foresplit.bench.evaluate.RealRun;
import io.foresplit.bench.evaluate.RealRun.Recorded;
import io.foresplit.bench.evaluate.ScenarioFailedException;
import io.foresplit.bench.evaluate.Strategy;
import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Truth;
import io.foresplit.bench.scenario.RealWorld;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.ScenarioFile;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.OperatorCommand;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.data.FashionMnist;
import io.foresplit.runtime.security.SecurityFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs a scenario on real processes, under an embedded broker and the real service, and beside it
 * in simulation. One at a time. Of a run that went well nothing is kept but its figures; the folder
 * of one that failed stays.
 */
final class RealRunner implements Evaluation.Runner {
  /** Who can look after real processes. */
  static final Set<Strategy> STRATEGIES = EnumSet.of(Strategy.NONE, Strategy.PROACTIVE);

  private static final int LOOK_MILLIS = 500;

  /** What the topics say of the last interval comes so long after its end at most. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(4);

  private final Evaluation.Runner simulated;
  private final Path folder;
  private final Class<?> main;
  private final CountDownLatch stop;

  /**
   * @param simulated runs the same scenarios in virtual time
   * @param folder for what runs leave while they are running
   * @param main class of the program, for its child processes
   * @param stop counted down to end early
   */
  RealRunner(Evaluation.Runner simulated, Path folder, Class<?> main, CountDownLatch stop) {
    this.simulated = simulated;
    this.folder = folder;
    this.main = main;
    this.stop = stop;
  }

  /** The unprotected breach is that of the real run of {@code none}, where that is asked for. */
  @Override
  public List<Run> run(ScenarioFile file, Set<Strategy> strategies)
      throws ScenarioFailedException, InterruptedException {
    List<Run> runs = new ArrayList<>(simulated.run(file, strategies));
    List<Truth> truths = runs.get(0).truths();
    Scenario scenario = file.scenario();
    for (Strategy strategy : EnumSet.copyOf(strategies)) {
      Path own =
          folder
              .resolve(
                  scenario.id().replace('/', '-') + "-" + scenario.seed() + "-" + strategy.label())
              .toAbsolutePath();
      try {
        Recorded recorded = recorded(file, strategy, own);
        if (strategy == Strategy.NONE) {
          truths = RealRun.truths(file, truths, recorded);
        }
        runs.add(RealRun.of(file, strategy, truths, recorded));
        Folders.delete(own);
      } catch (IOException | RuntimeException e) {
        if (stop.getCount() == 0) {
          throw stopped(e); // what is being ended may fail in any way
        }
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        throw new ScenarioFailedException(
            strategy.label() + ": " + reason.lines().findFirst().orElse("") + " (" + own + ")", e);
      }
    }
    return runs;
  }

  private static InterruptedException stopped(Exception cause) {
    InterruptedException stopped = new InterruptedException("stopped while a scenario was running");
    stopped.initCause(cause);
    return stopped;
  }

  private Recorded recorded(ScenarioFile file, Strategy strategy, Path own)
      throws IOException, InterruptedException {
    boolean cared = strategy == Strategy.PROACTIVE;
    RealWorld world = RealWorld.of(file, cared);
    if (Files.exists(own)) {
      Folders.delete(own);
    }
    Files.createDirectories(own);
    for (Map.Entry<String, String> trace : world.traces().entrySet()) {
      Files.writeString(own.resolve(trace.getKey()), trace.getValue());
    }
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      // the slowest to start come first; they wait for the broker
      int port = EmbeddedKafka.choosePort(own.resolve("kafka"), 0);
      TrainingProcesses processes =
          TrainingProcesses.start(
              new TrainingProcesses.Plan(
                  own,
                  world.jobYaml(),
                  world.job().job(),
                  file.scenario().worldSeed(),
                  world.faults(),
                  dataset(world),
                  "127.0.0.1:" + port,
                  false,
                  main));
      parts.push(processes);
      RunRecorder records = new RunRecorder(InstantSource.system());
      ServedTraining served =
          ServedTraining.start(
              config(own, cared).withKafkaPort(port),
              world.job().job().id(),
              processes.coordinator(),
              List.of(records));
      parts.push(served);
      return new Course(world, file.scenario(), processes, served, records).run();
    } finally {
      ServedTraining.closeAll(parts);
    }
  }

  private static AppConfig config(Path own, boolean cared) {
    AppConfig defaults = AppConfig.defaults().withDataDir(own).withHttpPort(0);
    return new AppConfig(
        own,
        defaults.kafka(),
        defaults.http(),
        defaults.forecasting(),
        defaults.diagnosis(),
        defaults.llm(),
        new RecoveryConfig(
            cared ? OperatorCommand.Mode.AUTOMATIC : OperatorCommand.Mode.OBSERVE,
            Optional.empty(),
            SecurityFiles.none()));
  }

  /** Images, where the model sees such; else, and where there are none, data is drawn. */
  private static Optional<Path> dataset(RealWorld world) {
    return world.job().job().model().equals("lenet")
        ? Optional.of(FashionMnist.DEBIAN).filter(FashionMnist::isIn)
        : Optional.empty();
  }

  /** One run from its first step to its end. */
  private final class Course {
    private final RealWorld world;
    private final Scenario scenario;
    private final TrainingProcesses processes;
    private final ServedTraining served;
    private final RunRecorder records;
    private final List<Turn> turns;
    private boolean lost;

    /** A process goes or comes. */
    private record Turn(double atSeconds, NodeId node, boolean goes) {}

    Course(
        RealWorld world,
        Scenario scenario,
        TrainingProcesses processes,
        ServedTraining served,
        RunRecorder records) {
      this.world = world;
      this.scenario = scenario;
      this.processes = processes;
      this.served = served;
      this.records = records;
      turns = new ArrayList<>();
      for (RealWorld.Outage outage : world.outages()) {
        turns.add(new Turn(outage.fromSeconds(), outage.node(), true));
        if (outage.toSeconds() < scenario.durationSeconds()) {
          turns.add(new Turn(outage.toSeconds(), outage.node(), false));
        }
      }
      turns.sort(Comparator.comparingDouble(Turn::atSeconds));
    }

    Recorded run() throws IOException, InterruptedException {
      TrainingProgress progress =
          served
              .awaitFirstStep(stop, processes::requireAlive)
              .orElseThrow(() -> new InterruptedException("stopped before the first step"));
      Instant start = progress.started().orElseThrow();
      Instant end = at(start, scenario.durationSeconds());
      while (Instant.now().isBefore(end)) {
        Instant next =
            turns.stream().map(turn -> at(start, turn.atSeconds())).findFirst().orElse(end);
        pause(next.isBefore(end) ? next : end);
        while (!turns.isEmpty() && !Instant.now().isBefore(at(start, turns.get(0).atSeconds()))) {
          take(turns.remove(0));
        }
        progress = look(progress);
      }
      Instant giveUp = end.plus(LAST_WORDS);
      while (Instant.now().isBefore(giveUp) && !heardUntil(end)) {
        pause(giveUp);
      }
      return recorded(start, progress);
    }

    private void pause(Instant until) throws InterruptedException {
      long millis = Math.min(LOOK_MILLIS, Duration.between(Instant.now(), until).toMillis() + 1);
      if (stop.await(Math.max(1, millis), TimeUnit.MILLISECONDS)) {
        throw new InterruptedException("stopped while a scenario was running");
      }
    }

    private void take(Turn turn) throws InterruptedException {
      if (turn.goes()) {
        processes.kill(turn.node());
        // without replicas training ends with the first node that dies, and its processes may
        lost = world.job().replication().isEmpty();
      } else {
        processes.start(turn.node());
      }
    }

    private TrainingProgress look(TrainingProgress before) throws IOException {
      served.requireHealthy();
      if (!lost) {
        processes.requireAlive();
      }
      try {
        return served.progress(Long.MAX_VALUE);
      } catch (IOException e) {
        if (lost) {
          return before;
        }
        throw e;
      }
    }

    private boolean heardUntil(Instant end) {
      Instant first = end.minus(world.job().job().interval());
      return records.intervals().stream().anyMatch(one -> one.end().isAfter(first));
    }

    private Recorded recorded(Instant start, TrainingProgress progress) {
      if (records.intervals().isEmpty()) {
        throw new StartupException("the service closed no interval of the run");
      }
      return new Recorded(
          start,
          records.intervals().stream()
              .map(
                  one ->
                      new RealRun.Interval(one.end(), one.stepSeconds(), one.loss(), one.steps()))
              .toList(),
          records.heard().stream()
              .map(heard -> new RealRun.Heard(heard.incident(), heard.at()))
              .toList(),
          records.diagnoses(),
          records.journal(),
          progress.recoveries().stream()
              .map(
                  recovery ->
                      Act.restored(
                          records
                              .since(recovery.epoch())
                              .map(since -> Duration.between(start, since).toMillis() / 1e3)
                              .orElse(0.0),
                          1e3 * recovery.seconds(),
                          recovery.lost()))
              .toList(),
          progress.steps());
    }

    private static Instant at(Instant start, double seconds) {
      return start.plusMillis(Math.round(1000 * seconds));
    }
  }
}
