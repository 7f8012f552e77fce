package io.foresplit.bench.measure;

import static io.foresplit.bench.measure.RunBuilder.candidate;
import static io.foresplit.bench.measure.RunBuilder.fade;
import static io.foresplit.bench.measure.RunBuilder.run;
import static io.foresplit.bench.measure.RunBuilder.truth;
import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.measure.Judged.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgedTest {
  private static final Truth SLOW = truth("slow", "b", "node-slowdown", 300, 600, 350.0);

  @ParameterizedTest
  @CsvSource({
    "94.9, FALSE",
    "95, TRUE",
    "100, TRUE",
    "499, TRUE",
    "549.9, TRUE",
    "550, FALSE",
    "900, FALSE"
  })
  void alarmIsTrueFromOneIntervalBeforeTheOnsetToTenAfterTheEnd(double opened, Verdict verdict) {
    assertThat(Judged.of(run().fault(fade()).alarm(opened).build()).verdicts())
        .containsExactly(verdict);
  }

  @Test
  void furtherAlarmsOnAFaultAreRepeatsInOrderOfOpening() {
    Judged judged = Judged.of(run().fault(fade()).alarm(300).alarm(150).alarm(50).build());
    assertThat(judged.verdicts()).containsExactly(Verdict.FALSE, Verdict.TRUE, Verdict.REPEAT);
    assertThat(judged.findings())
        .singleElement()
        .satisfies(f -> assertThat(f.leadSeconds()).isEqualTo(50));
  }

  @Test
  void alarmOnAFaultThatBreachesNothingIsNeitherTrueNorFalse() {
    Judged judged =
        Judged.of(
            run().fault(truth("x", "a>b", null, 100, 500, null)).alarm(150).alarm(700).build());
    assertThat(judged.verdicts()).containsExactly(Verdict.NEITHER, Verdict.FALSE);
    assertThat(judged.findings()).isEmpty();
  }

  @Test
  void twoFaultsAreClaimedByTwoAlarms() {
    Judged judged = Judged.of(run().fault(fade()).fault(SLOW).alarm(150).alarm(310).build());
    assertThat(judged.verdicts()).containsExactly(Verdict.TRUE, Verdict.TRUE);
    assertThat(judged.findings()).extracting(Finding::leadSeconds).containsExactly(50.0, 40.0);
  }

  @Test
  void openAlarmClaimsBothOnlyWhenItNamesBothFirst() {
    var fade = candidate("a>b", "uplink-fade");
    var slow = candidate("b", "node-slowdown");
    var other = candidate("c", "node-slowdown");
    assertThat(detected(run().alarm(150, fade, slow))).containsExactly(true, true);
    assertThat(detected(run().alarm(150, slow, fade))).containsExactly(true, true);
    assertThat(detected(run().alarm(150, fade, other, slow))).containsExactly(true, false);
    assertThat(detected(run().alarm(150, 250.0, List.of(), fade, slow)))
        .as("resolved before the second begins")
        .containsExactly(true, false);
  }

  @Test
  void alarmOnTwoFaultsIsJudgedForEachWithoutTheOther() {
    Judged judged =
        Judged.of(
            run()
                .fault(fade())
                .fault(SLOW)
                .alarm(320, candidate("b", "node-slowdown"), candidate("a>b", "uplink-fade"))
                .build());
    assertThat(judged.findings()).allMatch(Finding::causeIsRight);
    assertThat(judged.findings()).allMatch(finding -> finding.avgAt5() == 1);
    assertThat(judged.findings()).extracting(Finding::leadSeconds).containsExactly(0.0, 30.0);
  }

  @Test
  void alarmInTwoWindowsClaimsTheFaultItNames() {
    assertThat(detected(run().alarm(320, candidate("b", "latency-rise"))))
        .as("by its component")
        .containsExactly(false, true);
    assertThat(detected(run().alarm(320)))
        .as("the first one, when it names nothing")
        .containsExactly(true, false);
  }

  @Test
  void alarmBeforeTheOnsetIsCreditedFromTheOnset() {
    Judged judged = Judged.of(run().fault(fade()).alarm(97).build());
    assertThat(judged.findings().get(0).leadSeconds()).isEqualTo(100);
  }

  private static List<Boolean> detected(RunBuilder builder) {
    return Judged.of(builder.fault(fade()).fault(SLOW).build()).findings().stream()
        .map(Finding::isDetected)
        .toList();
  }
}
