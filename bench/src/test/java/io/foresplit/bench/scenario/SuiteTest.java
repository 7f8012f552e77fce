package io.foresplit.bench.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.evaluate.ScenarioRunner;
import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.evaluate.Strategy;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Truth;
import io.foresplit.bench.scenario.Scenario.Course;
import io.foresplit.bench.scenario.Scenario.Use;
import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SuiteTest {
  /** The strategies that a pass is run under. */
  private static final int STRATEGIES = 6;

  @Test
  void aPassIsAsLargeAsSaid() {
    assertThat(Suite.QUICK.scenarios(1)).hasSize(28);
    assertThat(Suite.STANDARD.scenarios(1)).hasSize(48);
    assertThat(Suite.FULL.scenarios(1)).hasSize(48);
    assertThat(Arrays.stream(Suite.values()).map(Suite::defaultSeeds)).containsExactly(2, 5, 20, 4);
  }

  @Test
  void standardIsAThousandHoursOfAllStrategies(TestReporter reporter) {
    double hours = 0;
    for (long seed = 1; seed <= Suite.STANDARD.defaultSeeds(); seed++) {
      hours +=
          Suite.STANDARD.scenarios(seed).stream().mapToDouble(Scenario::durationSeconds).sum()
              / 3600;
    }
    reporter.publishEntry("scenario-hours of standard", String.valueOf(STRATEGIES * hours));
    assertThat(STRATEGIES * hours).as("scenario-hours").isBetween(1000.0, 1500.0);
  }

  @ParameterizedTest
  @EnumSource(Suite.class)
  void everyKindOccursAndAQuarterHasNoFault(Suite suite) {
    List<Scenario> pass = suite.scenarios(1);
    assertThat(pass.stream().flatMap(SuiteTest::disturbances).map(Disturbance::kind))
        .containsAll(List.of(DisturbanceKind.values()));
    assertThat(pass.stream().filter(s -> !s.hasFault()).count() * 4)
        .isGreaterThanOrEqualTo(pass.size());
    assertThat(pass.stream().map(Scenario::kind))
        .contains(
            "two-faults",
            "normal:diurnal-load",
            "normal:noise-burst",
            "normal:batch-size",
            "normal:planned-move",
            "normal:mixed");
    assertThat(pass.stream().filter(s -> s.kind().equals("cpu-contention")).map(Scenario::course))
        .contains(Course.GRADUAL, Course.SUDDEN);
    assertThat(pass.stream().filter(s -> s.kind().equals("two-faults")).count())
        .isGreaterThanOrEqualTo(2);
    assertThat(pass.stream().map(Scenario::topology).distinct())
        .hasSize(suite == Suite.TRAINING ? 4 : 5);
    assertThat(pass.stream().map(Scenario::id)).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource(Suite.class)
  void aFaultComesAfterAHealthyHistoryAndBeforeTheEnd(Suite suite) {
    for (Scenario scenario : suite.scenarios(2)) {
      assertThat(scenario.hasFault()).isEqualTo(!scenario.kind().startsWith("normal:"));
      assertThat(scenario.course() == Course.NONE).isEqualTo(!scenario.hasFault());
      for (Scenario.Job job : scenario.jobs()) {
        for (Disturbance fault : job.faults()) {
          assertThat(fault.onsetSeconds())
              .as(scenario.id())
              .isBetween(
                  60 * job.spec().interval().toMillis() / 1e3, 0.7 * scenario.durationSeconds());
        }
      }
    }
  }

  @Test
  void tuningAndScoringHaveNothingInCommon() {
    List<Scenario> pass = Suite.STANDARD.scenarios(1);
    assertDisjoint(pass, s -> Stream.of(s.topology()));
    assertDisjoint(pass, s -> s.jobs().stream().map(job -> job.spec().model()));
    assertDisjoint(pass, s -> s.jobs().stream().map(job -> job.machine().computeNoise()));
    assertDisjoint(pass, SuiteTest::linkNoise);
    assertDisjoint(
        pass, s -> SuiteTest.disturbances(s).filter(SuiteTest::grows).map(Disturbance::shape));
    assertThat(
            pass.stream()
                .filter(s -> s.use() == Use.SCORING)
                .flatMap(SuiteTest::disturbances)
                .filter(SuiteTest::grows)
                .map(Disturbance::shape)
                .distinct())
        .containsExactlyInAnyOrder(Shape.ACCELERATING, Shape.S_CURVE, Shape.STAIRS);
  }

  @Test
  void trainingHasNoJobThatIsScored() {
    Set<JobSpec> scored = jobs(Suite.STANDARD.scenarios(1));
    scored.addAll(jobs(Suite.QUICK.scenarios(1)));
    List<Scenario> training = Suite.TRAINING.scenarios(1);
    assertThat(jobs(training)).doesNotContainAnyElementsOf(scored).hasSize(4);
    assertThat(training).allMatch(s -> s.use() == Use.TUNING);
    assertThat(jobs(Suite.TRAINING.scenarios(2))).doesNotContainAnyElementsOf(jobs(training));
  }

  @Test
  void aFaultThatHurtsOnNoDrawnTopologyComesOnAnother() {
    for (int seed = 100; seed < 110; seed++) {
      assertThat(Suite.TRAINING.scenarios(seed))
          .as("seed %s", seed)
          .flatMap(scenario -> SuiteTest.disturbances(scenario).toList())
          .extracting(Disturbance::kind)
          .contains(DisturbanceKind.values());
    }
  }

  private static Set<JobSpec> jobs(List<Scenario> scenarios) {
    return scenarios.stream()
        .flatMap(s -> s.jobs().stream())
        .map(Scenario.Job::spec)
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Test
  void twoJobsShareAnEdgeNodeAndWhatStrikesIt() {
    List<Scenario> shared =
        Stream.of(1L, 2L, 3L)
            .flatMap(seed -> Suite.STANDARD.scenarios(seed).stream())
            .filter(s -> s.topology().equals("shared-edge"))
            .toList();
    int both = 0;
    for (Scenario scenario : shared) {
      assertThat(scenario.jobs()).hasSize(2);
      Set<Disturbance> first = new HashSet<>(scenario.jobs().get(0).faults());
      first.retainAll(scenario.jobs().get(1).faults());
      both += first.size();
      first.forEach(
          fault -> assertThat(fault.component().value()).doesNotContain("phone", "camera"));
    }
    assertThat(both).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Suite.class)
  void theSameSeedIsTheSamePassAndAnotherOneIsNot(Suite suite) {
    List<Scenario> pass = suite.scenarios(3);
    List<Scenario> again = suite.scenarios(3);
    List<Scenario> other = suite.scenarios(4);

    assertThat(again).isEqualTo(pass);
    assertThat(other).isNotEqualTo(pass);
  }

  @Test
  void whatIsDrawnIsWrittenAndReadBack() throws Exception {
    for (Scenario scenario : Suite.QUICK.scenarios(1)) {
      String yaml = ScenarioFile.of(scenario).yaml();
      assertThat(ScenarioFile.parse(yaml, scenario.id(), Path.of("")).scenario())
          .isEqualTo(scenario);
    }
  }

  @Test
  void everyFaultOfAPassBreachesAnObjectiveAndNothingElseDoes() {
    ScenarioRunner runner = new ScenarioRunner(Stages.ofService());
    List<String> quiet = new ArrayList<>();
    List<String> loud = new ArrayList<>();
    long faults = 0;
    for (Scenario scenario : Suite.QUICK.scenarios(1)) {
      boolean breached = false;
      List<Run> runs = runner.run(ScenarioFile.of(scenario), EnumSet.of(Strategy.NONE));
      for (Run run : runs) {
        double onset = run.truths().stream().mapToDouble(Truth::onsetSeconds).min().orElse(0);
        breached |= !run.breaches().isEmpty();
        for (Run.Span breach : run.breaches()) {
          if (breach.from() < onset || !scenario.hasFault()) {
            loud.add(scenario.id() + " at " + breach.from() + " s, onset " + onset + " s");
          }
        }
      }
      faults += scenario.hasFault() ? 1 : 0;
      if (scenario.hasFault() && !breached) {
        quiet.add(scenario.id());
      }
    }
    assertThat(loud).as("breaches without a fault").isEmpty();
    assertThat(quiet.size() * 10L)
        .as("faults without a breach: %s", quiet)
        .isLessThanOrEqualTo(faults);
  }

  private static Stream<Disturbance> disturbances(Scenario scenario) {
    return scenario.jobs().stream()
        .flatMap(job -> Stream.concat(job.faults().stream(), job.normal().stream()));
  }

  private static boolean grows(Disturbance disturbance) {
    return disturbance.rampSeconds() > 0;
  }

  private static Stream<Double> linkNoise(Scenario scenario) {
    return scenario.jobs().stream()
        .flatMap(job -> job.traces().values().stream())
        .map(trace -> ((GeneratedTrace) trace).noise());
  }

  private static <T> void assertDisjoint(
      List<Scenario> pass, Function<Scenario, Stream<T>> property) {
    Set<T> tuning = used(pass, Use.TUNING, property);
    Set<T> scoring = used(pass, Use.SCORING, property);
    assertThat(tuning).isNotEmpty();
    assertThat(scoring).isNotEmpty().doesNotContainAnyElementsOf(tuning);
  }

  private static <T> Set<T> used(
      List<Scenario> pass, Use use, Function<Scenario, Stream<T>> property) {
    return pass.stream().filter(s -> s.use() == use).flatMap(property).collect(Collectors.toSet());
  }
}
