package io.foresplit.bench.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foresplit.bench.evaluate.ScenarioRunner;
import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.evaluate.Strategy;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Truth;
import io.foresplit.bench.scenario.Scenario.Course;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioFileTest {
  private static final String JOB =
      """
      id: own
      model: mlp
      optimiser: { name: adam, learningRate: 0.001 }
      batchSize: 32
      interval: 5 s
      nodes:
        - { id: device, speed: 0.1 }
        - { id: cloud, speed: 0.3 }
      links:
        - { between: [device, cloud], up: 4 Mbit/s, down: 8 Mbit/s, delay: 5 ms }
      dataOwner: device
      labelHolders: [cloud]
      objectives:
        - { id: step, metric: step-seconds, bound: 400 ms, duration: 15 s, severity: critical }
      cuts: [1]
      """;

  private static final String REST =
      """
      noise: { links: 8 %, wave: 10 %, wavePeriod: 90 s, compute: 2 %, messages: 0.3, usage: 7 % }
      machine: { move: 30 ms, heap: 80 MB }
      faults:
        - { kind: jitter, target: cloud->device, onset: 10 min, size: 20 ms }
        - kind: uplink-fade
          target: device->cloud
          onset: 5 min
          ramp: 90 s
          shape: stairs
          size: 7.5
          lasts: 12 min
          truth: { component: device, cause: none, onset: 301 s, breach: 6 min, path: [device, job] }
      normal:
        - { kind: diurnal-load, target: cloud, onset: 0 s, period: 10 min, size: 1.2 }
      plannedMoves:
        - { at: 20 min, cuts: [2] }
      """;

  @TempDir Path folder;

  @Test
  void whatAFileSaysIsWhatIsRead() throws Exception {
    Scenario scenario = parse(whole()).scenario();

    assertThat(scenario.id()).isEqualTo("mine");
    assertThat(scenario.topology()).isEqualTo("own");
    assertThat(scenario.kind()).isEqualTo("two-faults");
    assertThat(scenario.course()).isEqualTo(Course.GRADUAL);
    assertThat(scenario.durationSeconds()).isEqualTo(1800);
    Scenario.Job job = scenario.jobs().get(0);
    assertThat(job.faults()).hasSize(2);
    Disturbance fade = job.faults().get(0);
    assertThat(fade.kind()).isEqualTo(DisturbanceKind.UPLINK_FADE);
    assertThat(fade.onsetSeconds()).isEqualTo(300);
    assertThat(fade.rampSeconds()).isEqualTo(90);
    assertThat(fade.endSeconds()).isEqualTo(1020);
    assertThat(fade.shape()).isEqualTo(Shape.STAIRS);
    assertThat(fade.size()).isEqualTo(7.5);
    assertThat(job.faults().get(1).size()).isEqualTo(0.02);
    assertThat(job.machine().computeNoise()).isEqualTo(0.02);
    assertThat(job.machine().moveSeconds()).isEqualTo(0.03);
    assertThat(job.traces().values())
        .allSatisfy(trace -> assertThat(((GeneratedTrace) trace).noise()).isEqualTo(0.08));
    assertThat(job.plannedMoves().get(0).atSeconds()).isEqualTo(1200);
    assertThat(job.plannedMoves().get(0).target().describe()).isEqualTo("device[0-1] cloud[2]");
  }

  @Test
  void aFileThatIsWrittenGivesTheSameScenario() throws Exception {
    ScenarioFile first = parse(whole());

    assertThat(parse(first.yaml())).isEqualTo(first);
  }

  @Test
  void aJobMayStandInAFileOfItsOwn() throws Exception {
    Files.createDirectories(folder.resolve("jobs"));
    Files.writeString(
        folder.resolve("jobs/walk.csv"), "seconds,bytes_per_second\n0,500000\n60,400000\n");
    Files.writeString(
        folder.resolve("jobs/job.yaml"),
        JOB.replace("delay: 5 ms", "delay: 5 ms, upTrace: walk.csv"));
    Path file = folder.resolve("scenario.yaml");
    Files.writeString(file, "id: mine\nduration: 30 min\nfile: jobs/job.yaml\n" + REST);

    ScenarioFile read = ScenarioFile.read(file);

    assertThat(read.scenario().jobs().get(0).spec())
        .isEqualTo(parse(whole()).scenario().jobs().get(0).spec());
    assertThat(read.yaml()).contains("upTrace: jobs/walk.csv");
  }

  @Test
  void statedTruthStandsInPlaceOfWhatIsDerived() throws Exception {
    ScenarioFile file = parse(whole());

    List<Truth> truths = file.truths(0, List.of(OptionalDouble.of(350), OptionalDouble.empty()));

    assertThat(truths)
        .containsExactly(
            new Truth("uplink-fade", "device", null, 301, 1020, 360.0, List.of("device", "job")),
            new Truth(
                "jitter",
                "cloud->device",
                "latency-rise",
                600,
                1800,
                null,
                List.of("cloud->device", "device", "job")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "duration: 30 min | duration: soon | expected a time such as '350 ms', was 'soon'",
        "kind: jitter | kind: rain | faults[0].kind: expected one of uplink-fade,",
        "target: cloud->device | target: moon->device | which the job lacks",
        "target: device->cloud | target: cloud->device | which is not what that kind strikes",
        "size: 20 ms | size: -1 ms | size of a jitter must be at least 0 s",
        "onset: 10 min | onset: 90 min | faults[0].onset: expected a time before the end",
        "shape: stairs | shape: round | expected one of linear, accelerating, s-curve, stairs",
        "cause: none | cause: gremlins | expected one of uplink-fade, downlink-fade,",
        "kind: jitter | kind: noise-burst | which belongs under normal",
        "period: 10 min | lasts: 10 min | needs periodSeconds above 0",
        "cuts: [2] | cuts: [1, 2] | plannedMoves[0].cuts: expected one number fewer than nodes",
        "cuts: [2] | cuts: [0] | plannedMoves[0].cuts: expected a placement the job allows",
        "links: 8 % | links: 120 % | noise must be in [0; 1)",
        "machine: { move | machine: { colour | machine.colour: expected one of",
        "model: mlp | model: oracle | job.model: expected a model that can be trained",
        "minutes: 1 | seed: one | seed: expected a whole number, was 'one'",
        "minutes: 1 | colour: red | colour: expected one of id, topology, use",
        "minutes: 1 | use: both | use: expected one of tuning, scoring",
        "minutes: 1 | file: job.yaml | expected either a job or a file, was both",
        "batchSize: 32 | microBatches: 2 | one client and one pass a step",
        "delay: 5 ms } | delay: 5 ms, compression: { keep: 0.5, bits: 8 } } | without compression",
      })
  void whatIsWrongIsSaidWithItsLine(String before, String after, String expected) {
    String good = whole();
    String bad =
        before.startsWith("minutes")
            ? after + "\n" + good
            : good.replace(before, before.startsWith("batch") ? before + "\n  " + after : after);
    assertThat(bad).isNotEqualTo(good);

    ScenarioFileException refused =
        catchThrowableOfType(ScenarioFileException.class, () -> parse(bad));

    assertThat(refused.problems())
        .anySatisfy(
            problem ->
                assertThat(problem)
                    .matches("mine\\.yaml:\\d+.*")
                    .contains(expected.replace(';', ',')));
  }

  @Test
  void allProblemsComeOutAtOnce() {
    String bad =
        whole()
            .replace("duration: 30 min", "duration: soon")
            .replace("kind: jitter", "kind: rain")
            .replace("speed: 0.1", "speed: fast")
            .replace("at: 20 min", "when: 20 min");

    ScenarioFileException refused =
        catchThrowableOfType(ScenarioFileException.class, () -> parse(bad));

    assertThat(String.join("\n", refused.problems()))
        .contains("'soon'", "'rain'", "'fast'", "plannedMoves[0].at: expected", "unknown key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jobs: []", "jobs: 3", "[1, 2]", "{", "", "file: none.yaml"})
  void aFileThatIsNoScenarioIsRefusedInPlainWords(String text) {
    assertThatThrownBy(() -> parse("{".equals(text) ? text : text + "\n"))
        .isInstanceOf(ScenarioFileException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> ScenarioFile.read(folder.resolve("none.yaml")))
        .isInstanceOf(ScenarioFileException.class)
        .hasMessageContaining("none.yaml: expected a readable scenario file");
  }

  @ParameterizedTest
  @CsvSource({
    "fading-uplink, uplink-fade, GRADUAL, true",
    "noisy-neighbour, cpu-contention, GRADUAL, true",
    "healthy-day, normal:mixed, NONE, false",
  })
  void examplesAreWhatTheySay(String name, String kind, Course course, boolean breaches)
      throws Exception {
    Path file = Path.of("..", "deploy", "scenarios", name + ".yaml");
    Scenario scenario = ScenarioFile.read(file).scenario();

    assertThat(scenario.id()).isEqualTo(name);
    assertThat(scenario.kind()).isEqualTo(kind);
    assertThat(scenario.course()).isEqualTo(course);
    for (Run run :
        new ScenarioRunner(Stages.ofService())
            .run(ScenarioFile.read(file), EnumSet.of(Strategy.NONE))) {
      assertThat(run.breaches().isEmpty())
          .as("%s: %s", run.job(), run.breaches())
          .isEqualTo(!breaches);
      for (Run.Span breach : run.breaches()) {
        assertThat(breach.from()).isGreaterThan(run.truths().get(0).onsetSeconds());
      }
    }
  }

  private static String whole() {
    return "id: mine\nduration: 30 min\njob:\n" + JOB.indent(2) + REST;
  }

  private ScenarioFile parse(String yaml) throws ScenarioFileException {
    return ScenarioFile.parse(yaml, "mine.yaml", folder);
  }
}
