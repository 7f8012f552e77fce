package io.foresplit.app.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.kafka.EmbeddedKafka;
import io.foresplit.app.process.ChildProcess;
import io.foresplit.app.process.ChildProcesses;
import io.foresplit.app.service.VirtualRun.Interval;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes of {@code serve --config}, both of which only observe, share the partitions of one
 * broker. One is killed while incidents open; the other decides on all jobs what virtual time
 * decided, each once and in its order.
 */
@Timeout(240)
class TwoInstancesTest {
  private static final int JOBS = 4;
  private static final int INTERVALS = 200;

  @TempDir private Path folder;

  @Test
  void whatOneInstanceLeavesTheOtherTakesUp() throws Exception {
    List<VirtualRun> runs = new ArrayList<>();
    for (int i = 0; i < JOBS; i++) {
      runs.add(run(i));
    }
    int opened =
        runs.stream()
            .mapToInt(run -> run.first(Interval::incidents, i -> i.phase() == Incident.Phase.OPEN))
            .min()
            .orElseThrow();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0, JOBS);
        DecisionTopics topics = new DecisionTopics(kafka.bootstrapServers());
        ChildProcesses processes = new ChildProcesses(folder)) {
      ChildProcess first = start(processes, kafka, "first");
      ChildProcess second = start(processes, kafka, "second");
      topics.await(
          () -> topics.sharers("forecaster") == 2 && topics.sharers("diagnoser") == 2,
          "two instances that share the work",
          () ->
              first.isAlive() && second.isAlive()
                  ? ""
                  : "one has ended: " + first.lastWords() + second.lastWords());
      for (int i = 0; i <= opened; i++) {
        publish(topics, runs, i);
      }
      awaitDecided(topics, runs, opened + 1, second);
      publish(topics, runs, opened + 1);
      first.kill();
      long killed = System.nanoTime();
      publish(topics, runs, opened + 2);
      topics.await(
          () -> topics.isTakenInBy("forecaster") && topics.isTakenInBy("diagnoser"),
          "the other instance",
          () -> second.isAlive() ? "" : "it has ended: " + second.lastWords());
      System.out.println(
          "taken over after " + Duration.ofNanos(System.nanoTime() - killed).toMillis() + " ms");
      for (int i = opened + 3; i < INTERVALS; i++) {
        publish(topics, runs, i);
      }
      awaitDecided(topics, runs, INTERVALS, second);

      for (VirtualRun run : runs) {
        JobId job = run.job().id();
        assertThat(of(job, topics.incidents(), Incident::job))
            .isEqualTo(run.before(INTERVALS, Interval::incidents));
        assertThat(of(job, topics.diagnoses(), d -> d.incident().job()))
            .isEqualTo(run.before(INTERVALS, Interval::diagnoses));
      }
    }
  }

  /** A fade of its own time for each job, so that incidents open before and after the kill. */
  private static VirtualRun run(int number) throws Exception {
    return VirtualRun.of(
        VirtualTimeOnKafkaTest.JOB.replace("id: replayed", "id: replayed-" + number),
        Instant.now().truncatedTo(ChronoUnit.HOURS).plus(6, ChronoUnit.HOURS),
        1 + number,
        INTERVALS,
        Disturbance.lasting(
            DisturbanceKind.UPLINK_FADE,
            new ComponentId("device->edge"),
            500 + 20 * number,
            300,
            8));
  }

  private ChildProcess start(ChildProcesses processes, EmbeddedKafka kafka, String name)
      throws IOException {
    Path config = folder.resolve(name + ".yaml");
    Files.writeString(
        config,
        """
        dataDir: %s
        kafka: { bootstrapServers: '%s', partitions: %d }
        http: { port: 0 }
        recovery: { mode: observe }
        """
            .formatted(folder.resolve(name), kafka.bootstrapServers(), JOBS));
    return processes.start(
        new ChildProcesses.Spec(
            name,
            ServiceChild.class,
            "256m",
            List.of("serve", "--config", config.toString()),
            false));
  }

  private static void publish(DecisionTopics topics, List<VirtualRun> runs, int interval)
      throws Exception {
    for (VirtualRun run : runs) {
      topics.publish(run.intervals().get(interval).log());
    }
  }

  /** Waits for all that virtual time decided in so many intervals, and until all is taken in. */
  private static void awaitDecided(
      DecisionTopics topics, List<VirtualRun> runs, int intervals, ChildProcess alive)
      throws Exception {
    int incidents =
        runs.stream().mapToInt(r -> r.before(intervals, Interval::incidents).size()).sum();
    int diagnoses =
        runs.stream().mapToInt(r -> r.before(intervals, Interval::diagnoses).size()).sum();
    topics.await(
        () ->
            topics.incidents().size() >= incidents
                && topics.diagnoses().size() >= diagnoses
                && topics.isTakenInBy("forecaster")
                && topics.isTakenInBy("diagnoser"),
        incidents + " incidents and " + diagnoses + " diagnoses",
        () -> alive.isAlive() ? "" : "it has ended: " + alive.lastWords());
  }

  private static <T> List<T> of(JobId job, List<T> all, Function<T, JobId> owner) {
    return all.stream().filter(each -> owner.apply(each).equals(job)).toList();
  }
}
