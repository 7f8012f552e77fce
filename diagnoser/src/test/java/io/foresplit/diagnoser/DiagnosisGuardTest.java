package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Cause;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.RankedCause;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiagnosisGuardTest {
  private static final String GOOD =
      "The uplink lost most of its rate [E1], so every step waits\nlonger for its activations [E2].";

  private final Diagnosis statistical =
      CauseAccuracyTest.diagnose(new World(World.Draw.of(Cause.UPLINK_FADE, 1)), 0);
  private final RankedCause top = statistical.top().orElseThrow();
  private final DiagnosisGuard guard = new DiagnosisGuard();

  @Test
  void aGoodAnswerChangesTheExplanationAlone() {
    Diagnosis revised = check(GOOD, List.of("E1")).revised().orElseThrow();
    assertThat(revised.explanation()).isEqualTo(GOOD.replace('\n', ' '));
    assertThat(revised.reasoner()).isEqualTo("statistics+llm:test-model");
    assertThat(revised.revision()).isEqualTo(statistical.revision() + 1);
    assertThat(revised.ranked()).isEqualTo(statistical.ranked());
    assertThat(revised.evidence()).isEqualTo(statistical.evidence());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Too short [E1].",
        "It cites nothing, but it says a lot about why the uplink may have become slow.",
        "It cites a fact that does not exist: the uplink lost most of its rate [E99].",
        "It cites [E1], and wants you to go to https://example.com/fix to have it repaired.",
        "It cites [E1], and holds <script>alert(1)</script> for whoever reads it in a browser.",
        "It cites [E1], and turns the text \u202e around for whoever reads it in a browser."
      })
  void aBadTextIsDropped(String text) {
    assertThat(check(text, List.of()).revised()).isEmpty();
    assertThat(check(text, List.of()).problems()).hasSize(1);
  }

  @Test
  void aLongTextAndAnUnknownCitationAreDropped() {
    assertThat(check(GOOD + " [E1]".repeat(600), List.of()).problems()).hasSize(1);
    assertThat(check(GOOD, List.of("E98")).problems())
        .containsExactly("1 cited facts do not exist");
  }

  @Test
  void anotherCauseIsDropped() {
    DiagnosisGuard.Verdict verdict =
        guard.check(
            statistical, new ReasonedDiagnosis("m", "cloud", "node-slowdown", GOOD, List.of("E1")));
    assertThat(verdict.revised()).isEmpty();
    assertThat(verdict.problems().get(0))
        .startsWith("cause must be")
        .contains("uplink-fade of " + top.component());
  }

  private DiagnosisGuard.Verdict check(String text, List<String> citations) {
    return guard.check(
        statistical,
        new ReasonedDiagnosis(
            "test-model", top.component().value(), top.cause().label(), text, citations));
  }
}
