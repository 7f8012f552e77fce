package io.foresplit.bench.measure;

import static io.foresplit.bench.measure.RunBuilder.candidate;
import static io.foresplit.bench.measure.RunBuilder.fade;
import static io.foresplit.bench.measure.RunBuilder.run;
import static io.foresplit.bench.measure.RunBuilder.truth;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.bench.measure.Alarm.Candidate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MeasureTest {
  private static final double DAY = 86_400;
  private static final Candidate RIGHT = candidate("a>b", "uplink-fade");
  private static final Candidate WRONG = candidate("c", "node-slowdown");

  @Test
  void precisionCountsRepeatsAsFalseAndPoolsBeforeDividing() {
    RunBuilder oneTrueOneRepeat = run().fault(fade()).alarm(150).alarm(300);
    RunBuilder oneFalse = run().alarm(10);
    RunBuilder harmless = run().fault(truth("x", "a", null, 0, 1000, null)).alarm(10);
    is(Measure.PRECISION, 1 / 3.0, oneTrueOneRepeat, oneFalse, harmless);
    is(Measure.REPEATS_PER_JOB_DAY, DAY / 3000, oneTrueOneRepeat, oneFalse, harmless);
    is(Measure.FALSE_ALARMS_PER_JOB_DAY, 2 * DAY / 3000, oneTrueOneRepeat, oneFalse, harmless);
  }

  @Test
  void withoutAlarmsThereIsNoPrecisionAndWithoutFaultsNoRecall() {
    nothing(Measure.PRECISION, run().fault(fade()));
    is(Measure.RECALL, 0, run().fault(fade()));
    nothing(Measure.RECALL, run().alarm(10));
    nothing(Measure.LEAD_SECONDS, run());
    nothing(Measure.RECALL, run().fault(truth("x", "a", null, 0, 1000, null)).alarm(10));
  }

  @Test
  void lateAlarmCountsForRecallAndNotForLead() {
    RunBuilder late = run().fault(fade()).alarm(250);
    RunBuilder early = run().fault(fade()).alarm(140);
    RunBuilder missed = run().fault(fade());
    is(Measure.RECALL, 2 / 3.0, late, early, missed);
    is(Measure.WARNED_AHEAD, 1 / 3.0, late, early, missed);
    is(Measure.LEAD_SECONDS, 20, late, early, missed);
  }

  @Test
  void timeInBreachCountsAMomentOnceAndOnlyWithinTheRun() {
    RunBuilder twoObjectives = run().breach(100, 200).breach(150, 300).breach(950, 1100);
    is(Measure.TIME_IN_BREACH_SECONDS, 125, twoObjectives, run());
    is(Measure.TIME_IN_BREACH_SHARE, 250 / 1500.0, twoObjectives, run().lasting(500));
  }

  @Test
  void diagnosisIsMeasuredOverDetectedFaults() {
    RunBuilder right = run().fault(fade()).alarm(150, 400.0, List.of("a>b", "job"), RIGHT, WRONG);
    RunBuilder third =
        run().fault(fade()).alarm(150, WRONG, candidate("a>b", "latency-rise"), RIGHT);
    RunBuilder abstained = run().fault(fade()).alarm(150);
    RunBuilder missed = run().fault(fade());
    is(Measure.COMPONENT_TOP1, 1 / 3.0, right, third, abstained, missed);
    is(Measure.CAUSE_TOP1, 1 / 3.0, right, third, abstained, missed);
    is(Measure.AVG_AT_5, (1 + 3 / 5.0) / 3, right, third, abstained, missed);
    is(Measure.PATH_RIGHT, 1 / 3.0, right, third, abstained, missed);
    is(Measure.DIAGNOSED, 2 / 3.0, right, third, abstained, missed);
    nothing(Measure.CAUSE_TOP1, missed);
  }

  @Test
  void noAnswerIsRightForACauseWithoutAWordButTheComponentMayBe() {
    RunBuilder noWord = run().fault(truth("stale", "a>b", null, 100, 500, 200.0)).alarm(150, RIGHT);
    is(Measure.CAUSE_TOP1, 0, noWord);
    is(Measure.AVG_AT_5, 0, noWord);
    is(Measure.COMPONENT_TOP1, 1, noWord);
    is(Measure.CAUSE_CEILING, 0.5, noWord, run().fault(fade()).alarm(150));
  }

  @Test
  void pathMustBeExactAndIsNotAskedWhereThereIsNone() {
    is(Measure.PATH_RIGHT, 0, run().fault(fade()).alarm(150, null, List.of("job", "a>b"), RIGHT));
    Truth pathless = new Truth("x", "a>b", null, 100, 500, 200.0, List.of());
    nothing(Measure.PATH_RIGHT, run().fault(pathless).alarm(150, RIGHT));
  }

  @Test
  void abstentionIsOfRunsWithoutFaultAlone() {
    is(
        Measure.ABSTENTION,
        0.5,
        run(),
        run().notice(10),
        run().alarm(10),
        run().move(10, true, "HELPED", 5, 0),
        run().fault(fade()));
    nothing(Measure.ABSTENTION, run().fault(fade()));
  }

  @Test
  void recoveryRunsFromTheUnprotectedBreachToTheLastBreachEnd() {
    is(Measure.RECOVER_SECONDS, 0, run().fault(fade()));
    is(Measure.RECOVER_SECONDS, 0, run().fault(fade()).breach(120, 150));
    is(Measure.RECOVER_SECONDS, 130, run().fault(fade()).breach(180, 230).breach(300, 330));
    is(
        Measure.RECOVER_SECONDS,
        30,
        run().fault(fade()).breach(180, 230).breach(600, 700).faultFreeBreach(590, 710));
    nothing(Measure.RECOVER_SECONDS, run().breach(180, 230));
  }

  @Test
  void twoUnprotectedBreachesAreRecoveredFromApart() {
    RunBuilder both =
        run()
            .fault(fade())
            .fault(truth("slow", "b", "node-slowdown", 550, 1000, 600.0))
            .breach(200, 240)
            .breach(610, 1000);
    is(Measure.RECOVER_SECONDS, (40 + 400) / 2.0, both);
    is(Measure.UNRECOVERED, 0.5, both);
    RunBuilder atOnce = run().fault(fade()).fault(fade()).breach(200, 240);
    is(Measure.RECOVER_SECONDS, 40, atOnce);
  }

  @Test
  void actionsAreCountedByWhatTheyDid() {
    RunBuilder acted =
        run()
            .lasting(3600)
            .fault(fade())
            .move(150, true, "HELPED", 300, 1)
            .move(160, false, "OPEN", 100, 0)
            .move(2000, true, "UNDONE", 200, 4)
            .notice(2100);
    RunBuilder quiet = run().lasting(3600);
    is(Measure.PLAN_VALID, 2 / 3.0, acted, quiet);
    is(Measure.PAUSE_MILLIS, 300, acted, quiet);
    is(Measure.PAUSE_PER_ACTION_MILLIS, 200, acted, quiet);
    is(Measure.STEPS_LOST, 2.5, acted, quiet);
    is(Measure.ACTIONS_PER_JOB_HOUR, 1.5, acted, quiet);
    is(Measure.NOTICES_PER_JOB_HOUR, 0.5, acted, quiet);
    is(Measure.HARMFUL_ACTIONS, 1, acted, quiet);
    is(Measure.FALSE_ACTIONS_PER_JOB_DAY, 12, acted, quiet);
    nothing(Measure.PLAN_VALID, quiet);
    is(Measure.PAUSE_MILLIS, 0, quiet);
  }

  @Test
  void throughputAndLossAreHeldAgainstTheWorldWithoutTheFault() {
    is(Measure.THROUGHPUT_KEPT, 0.75, run().useful(500), run());
    RunBuilder diverged = run().loss(Double.NaN, 1);
    is(Measure.FINAL_LOSS_GAP, 0.25, run().loss(1.5, 1), run(), diverged);
    is(Measure.WITHOUT_LOSS, 1 / 3.0, run().loss(1.5, 1), run(), diverged);
    nothing(Measure.FINAL_LOSS_GAP, diverged);
  }

  @Test
  void whatIsNotANumberStopsTheReport() {
    assertThatThrownBy(
            () -> pooled(Measure.PAUSE_MILLIS, run().move(1, true, "OPEN", Double.NaN, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("finite");
  }

  @Test
  void seedsAreSummarisedAndInapplicableMeasuresAreMissing() {
    List<Judged> runs =
        Stream.of(
                run().seed(1).fault(fade()).alarm(150),
                run().seed(2).fault(fade()),
                run().seed(3).fault(fade()).alarm(120),
                run().seed(1).strategy("none").fault(fade()),
                run().seed(1).strategy("reactive").fault(fade()).alarm(210))
            .map(RunBuilder::build)
            .map(Judged::of)
            .toList();
    var scores = Scores.byStrategy(runs);
    assertThat(scores.get("proactive").of(Measure.LEAD_SECONDS))
        .isEqualTo(new Summary(50, 0, 80, 0, 3));
    assertThat(scores.get("none").of(Measure.RECALL)).isNull();
    assertThat(scores.get("none").median(Measure.TIME_IN_BREACH_SECONDS)).hasValue(0);
    assertThat(scores.get("reactive").median(Measure.RECALL)).hasValue(1);
    assertThat(scores.get("reactive").of(Measure.CAUSE_TOP1)).isNull();
    assertThat(Scores.by(Run::topology, runs)).containsOnlyKeys("chain-4");
  }

  @Test
  void documentationHasTheDefinitionOfEachMeasure() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "measures.md"));
    assertThat(page)
        .contains(
            Arrays.stream(Measure.values())
                .map(
                    m ->
                        "| `%s` | %s | %s | %s |"
                            .formatted(m.label(), m.formula(), m.unit().label(), m.counts()))
                .toList());
  }

  private static OptionalDouble pooled(Measure measure, RunBuilder... runs) {
    return Scores.pooled(
        measure, Arrays.stream(runs).map(RunBuilder::build).map(Judged::of).toList());
  }

  private static void is(Measure measure, double value, RunBuilder... runs) {
    assertThat(pooled(measure, runs).orElseThrow())
        .as(measure.label())
        .isCloseTo(value, within(1e-9));
  }

  private static void nothing(Measure measure, RunBuilder... runs) {
    assertThat(pooled(measure, runs)).as(measure.label()).isEmpty();
  }
}
