package io.foresplit.app.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.kafka.EmbeddedKafka;
import io.foresplit.app.process.ChildProcess;
import io.foresplit.app.process.ChildProcesses;
import io.foresplit.app.service.VirtualRun.Interval;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A run of virtual time once more, on Kafka: a broker, the program's {@code serve} as a process of
 * its own with default configuration, and the log of the run, published interval by interval. An
 * interval is published once all that virtual time decided before it has been decided; where
 * nothing was, nothing is waited for. Not thread-safe.
 */
final class Replay implements AutoCloseable {
  private final VirtualRun run;
  private final Path folder;
  private final EmbeddedKafka kafka;
  private final RecordedCoordinator coordinator;
  private final DecisionTopics topics;
  private final ChildProcesses processes;
  private ChildProcess service;
  private int published;
  private int barriers;
  private long holders = 1;

  /** Starts all but the first interval. */
  Replay(VirtualRun run, Path folder) throws IOException {
    this(run, folder, "");
  }

  /**
   * The same.
   *
   * @param settings further lines of the configuration
   */
  Replay(VirtualRun run, Path folder, String settings) throws IOException {
    this.run = run;
    this.folder = folder;
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0);
    coordinator = new RecordedCoordinator(run);
    topics = new DecisionTopics(kafka.bootstrapServers());
    processes = new ChildProcesses(folder);
    Files.writeString(
        folder.resolve("foresplit.yaml"),
        """
        dataDir: %s
        kafka: { bootstrapServers: '%s' }
        http: { port: 0 }
        recovery: { coordinator: '%s' }
        %s
        """
            .formatted(
                folder.resolve("data"), kafka.bootstrapServers(), coordinator.address(), settings));
    service = start();
  }

  private ChildProcess start() {
    return processes.start(
        new ChildProcesses.Spec(
            "service",
            ServiceChild.class,
            "256m",
            List.of("serve", "--config", folder.resolve("foresplit.yaml").toString()),
            false));
  }

  /** What the service has printed. */
  String printed() throws IOException {
    return Files.readString(folder.resolve("service.log"));
  }

  /** Ends the service by SIGKILL. */
  void kill() throws InterruptedException {
    service.kill();
  }

  /** Starts the service again, after it was killed. */
  void startAgain() {
    holders = coordinator.holders() + 1;
    service = start();
  }

  /** How many intervals have been published. */
  int published() {
    return published;
  }

  RecordedCoordinator coordinator() {
    return coordinator;
  }

  DecisionTopics topics() {
    return topics;
  }

  /** Publishes the next interval, whatever is decided. */
  void publish() throws Exception {
    topics.publish(run.intervals().get(published).log());
    published++;
  }

  /** Publishes the next interval but for its tick and waits until it is taken in. */
  void publishOpenInterval() throws Exception {
    List<JobRecord> log = run.intervals().get(published).log();
    topics.publish(log.subList(0, log.size() - 1));
    awaitStages();
  }

  /** Publishes the tick that closes the interval. */
  void publishTick() throws Exception {
    List<JobRecord> log = run.intervals().get(published).log();
    topics.publish(log.subList(log.size() - 1, log.size()));
    published++;
  }

  /** Publishes and waits, until so many intervals have been published. */
  void replayTo(int intervals) throws Exception {
    awaitDecisions();
    while (published < intervals) {
      if (!run.intervals().get(published).journal().isEmpty()) {
        awaitHolder();
      }
      publish();
      awaitDecisions();
    }
  }

  /** Waits for all that virtual time decided in the intervals that have been published. */
  void awaitDecisions() throws Exception {
    int incidents = run.before(published, Interval::incidents).size();
    int diagnoses = run.before(published, Interval::diagnoses).size();
    int entries = run.before(published, Interval::journal).size();
    await(
        () ->
            topics.incidents().size() >= incidents
                && topics.diagnoses().size() >= diagnoses
                && topics.journal().size() >= entries,
        incidents + " incidents, " + diagnoses + " diagnoses, " + entries + " journal entries");
  }

  /** Waits until something holds, reading on. */
  void await(BooleanSupplier holds, String what) throws Exception {
    topics.await(holds, what + " by interval " + (published - 1), this::problem);
  }

  /** What is wrong with what was decided so far; empty if nothing is. */
  private String problem() {
    if (!service.isAlive()) {
      return "the service has ended: " + service.lastWords();
    }
    return difference(topics.incidents(), run.all(Interval::incidents))
        + difference(topics.diagnoses(), run.all(Interval::diagnoses));
  }

  /** The first decision that is not as it was in virtual time. */
  private static String difference(List<?> decided, List<?> wanted) {
    for (int i = 0; i < decided.size(); i++) {
      if (i >= wanted.size()) {
        return "\none more than in virtual time: " + decided.get(i);
      } else if (!decided.get(i).equals(wanted.get(i))) {
        return "\nno. " + i + " is\n  " + decided.get(i) + "\ninstead of\n  " + wanted.get(i);
      }
    }
    return "";
  }

  /** Waits until recovery, in this life of it, has fenced off the one before. */
  void awaitFence() throws Exception {
    await(() -> coordinator.holders() >= holders, "a controller that has fenced");
  }

  /**
   * Waits until recovery may act: a life of it takes its lease on one tick and fences on the next,
   * and what would be decided before that is decided later. The answer of the runtime is taken in
   * before the tick of another job is durable.
   */
  void awaitHolder() throws Exception {
    awaitFence();
    barrier();
  }

  /** Waits until recovery has taken in all that was published. */
  private void barrier() throws Exception {
    JobId other = new JobId("barrier-" + barriers++);
    topics.publish(
        List.of(new IntervalTick(other, 1, 0, run.end(), run.job().interval(), List.of())));
    await(() -> topics.isLeased(other), "the lease of job " + other);
  }

  /** Waits until forecaster and diagnoser have taken in all that was published. */
  private void awaitStages() throws Exception {
    for (String stage : List.of("forecaster", "diagnoser")) {
      await(() -> topics.isTakenInBy(stage), "the positions of the " + stage);
    }
  }

  /** Waits until every stage has taken in all that was published, so that nothing more comes. */
  void awaitQuiet() throws Exception {
    awaitDecisions();
    awaitStages();
    barrier();
  }

  /** All that is decided is what virtual time decided: whole records, in order, nothing more. */
  void assertSame() throws Exception {
    awaitQuiet();
    int all = published;
    assertThat(topics.incidents()).isEqualTo(run.before(all, Interval::incidents));
    assertThat(topics.diagnoses()).isEqualTo(run.before(all, Interval::diagnoses));
    assertThat(topics.journal()).isEqualTo(run.before(all, Interval::journal));
    assertThat(coordinator.accepted())
        .containsExactlyElementsOf(
            topics.journal().stream()
                .filter(JournalEntry.Executed.class::isInstance)
                .map(entry -> ((JournalEntry.Executed) entry).action())
                .toList());
  }

  @Override
  public void close() {
    ProcessHandle.of(service.pid()).ifPresent(ProcessHandle::destroyForcibly);
    processes.close();
    topics.close();
    coordinator.close();
    kafka.close();
  }
}
