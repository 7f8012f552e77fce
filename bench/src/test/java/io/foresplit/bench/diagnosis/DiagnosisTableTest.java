package io.foresplit.bench.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.scenario.Truths.Struck;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.RankedCause;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What counts as a right diagnosis. */
class DiagnosisTableTest {
  private static final Struck UPLINK = struck(Cause.UPLINK_FADE, "device->edge");
  private static final Struck SLOW = struck(Cause.NODE_SLOWDOWN, "edge");
  private static final Struck DRIFT = struck(Cause.LABEL_DRIFT, "device");

  @Test
  void ofOneFaultTheFirstDiagnosisCounts() {
    List<String> lines =
        DiagnosisTable.of(
                List.of(
                    known("a", true, List.of(UPLINK), named(UPLINK), named(SLOW), named()),
                    known("a", false, List.of(UPLINK), named(SLOW), named(SLOW), named(SLOW))))
            .lines();
    assertThat(lines).anyMatch(line -> line.matches("all +1 +100 % +100 % +0 % +0 % +0 % +0 %"));
  }

  @Test
  void theRightCauseOfAnotherComponentIsHalfRight() {
    Struck other = struck(Cause.UPLINK_FADE, "edge->cloud");
    List<String> lines =
        DiagnosisTable.of(
                List.of(known("a", true, List.of(UPLINK), named(other), named(), named(UPLINK))))
            .lines();
    assertThat(lines).anyMatch(line -> line.matches("all +1 +0 % +100 % +0 % +0 % +100 % +100 %"));
  }

  @Test
  void ofTwoFaultsTheLastDiagnosisWhileBothAreThereCounts() {
    List<Struck> both = List.of(UPLINK, DRIFT);
    List<RankedCause> third = named(UPLINK, SLOW, DRIFT);
    List<RankedCause> fourth = named(UPLINK, SLOW, struck(Cause.NODE_SLOWDOWN, "cloud"), DRIFT);
    List<String> lines =
        DiagnosisTable.of(
                List.of(
                    known("a", true, List.of(UPLINK), named(UPLINK), named(UPLINK), named(UPLINK)),
                    known("a", false, both, named(UPLINK), named(), named()),
                    known("a", false, both, third, fourth, named(DRIFT, UPLINK)),
                    known("a", false, List.of(DRIFT), named(), named(), named())))
            .lines();
    assertThat(lines).anyMatch(line -> line.matches("all +1 +100 % +0 % +100 %"));
  }

  @Test
  void falseAlarmsAreNoDiagnosesToJudge() {
    DiagnosisTable table =
        DiagnosisTable.of(
            List.of(known("a", true, List.of(), named(UPLINK), named(UPLINK), named(UPLINK))));
    assertThat(table.lines()).anyMatch(line -> line.matches("all +0 .*"));
    assertThat(table.wrong()).isEmpty();
  }

  @Test
  void whatIsWrongIsToldWithWhatWasNamed() {
    DiagnosisTable table =
        DiagnosisTable.of(
            List.of(known("a", true, List.of(UPLINK), named(SLOW), named(SLOW), named(SLOW))));
    assertThat(table.wrong())
        .containsExactly("a: [uplink-fade of device->edge], named [node-slowdown of edge 0.90]");
  }

  @Test
  void probabilitiesAreHeldBesideWhatWasRight() {
    List<String> lines =
        DiagnosisTable.of(
                List.of(
                    known("a", true, List.of(UPLINK), named(UPLINK), named(), named()),
                    known("b", true, List.of(UPLINK), named(SLOW), named(), named())))
            .lines();
    assertThat(lines.get(lines.size() - 1).strip().split(" +"))
        .containsExactly("0.90", "0.50", "2");
  }

  private static Struck struck(Cause cause, String component) {
    return new Struck(new ComponentId(component), cause);
  }

  private static List<RankedCause> named(Struck... causes) {
    return IntStream.range(0, causes.length)
        .mapToObj(
            i ->
                new RankedCause(
                    causes[i].component(), causes[i].cause(), i == 0 ? 0.9 : 0.02, List.of()))
        .toList();
  }

  private static KnownDiagnosis known(
      String incident,
      boolean first,
      List<Struck> struck,
      List<RankedCause> named,
      List<RankedCause> early,
      List<RankedCause> late) {
    return new KnownDiagnosis(
        "chain-3",
        "uplink-fade",
        incident,
        first,
        struck,
        struck.size(),
        List.of(named, early, late));
  }
}
