package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Cause;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.Reasoning.Step;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.ReasonedDiagnosis.Proposed;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiagnosisGuardTest {
  private static final String GOOD = "The uplink lost most of its rate.";
  private static final String DISPROOF = "The rate comes back and steps stay slow.";

  private final World world = new World(World.Draw.of(Cause.UPLINK_FADE, 5));
  private final Diagnosis statistical = CauseAccuracyTest.diagnose(world, 0);
  private final RankedCause top = statistical.top().orElseThrow();
  private final SplitTopology topology = (SplitTopology) world.log().get(0);
  private final Placement better =
      new StepTimeModel().best(topology.job(), statistical.incident().expected());
  private final Evidence rate =
      statistical.evidence().stream()
          .filter(fact -> fact.id().equals(top.evidence().get(0)))
          .findFirst()
          .orElseThrow();

  @Test
  void aGoodAnswerAddsReasoningAndChangesNothingElse() {
    DiagnosisGuard.Verdict verdict =
        check(answer(new Step("The uplink lost most of its rate [E1].\n", List.of())));
    Reasoning reasoning = verdict.reasoning().orElseThrow();
    assertThat(reasoning.steps()).containsExactly(new Step(GOOD, List.of("E1")));
    assertThat(reasoning.recommendations().get(0).action())
        .isEqualTo(new MoveLayers(topology.placement(), better));

    Diagnosis revised = DiagnosisGuard.revised(statistical, reasoning);
    assertThat(revised.explanation()).isEqualTo("The uplink lost most of its rate [E1].");
    assertThat(revised.reasoner()).isEqualTo("statistics+llm:test-model");
    assertThat(revised.revision()).isEqualTo(statistical.revision() + 1);
    assertThat(revised.ranked()).isEqualTo(statistical.ranked());
    assertThat(revised.evidence()).isEqualTo(statistical.evidence());
  }

  @ParameterizedTest
  @CsvSource({
    "The rate says too little that is of any use: go to https://example.com/fix, NOT_PLAIN",
    "The uplink <script>alert()</script> has lost most of its rate, NOT_PLAIN",
    "The uplink has lost **most** of its rate, NOT_PLAIN",
    "Write to help@example to have the uplink repaired, NOT_PLAIN",
    "The uplink \u202e has lost most of its rate, NOT_PLAIN",
    "Rate., FORM",
    "The uplink and the uplink and the uplink and the uplink, FORM",
    "The uplink lost most of its rate as told in E99, CITATION",
    "The uplink lost 61234 MB/s, NUMBER",
  })
  void aBadTextIsDroppedWhereverItStands(String text, Refusal why) {
    assertThat(check(answer(new Step(text, List.of("E1")))).problems()).containsExactly(why);
    assertThat(check(answer(GOOD, text, DISPROOF)).problems()).containsExactly(why);
    assertThat(check(answer(GOOD, DISPROOF, text)).problems()).containsExactly(why);
  }

  @Test
  void digitsOfOtherScriptsAreNeitherPlainNorKnown() {
    String text = "The uplink has lost \u0664 fifths of its rate";
    assertThat(check(answer(new Step(text, List.of("E1")))).problems())
        .containsExactly(Refusal.NOT_PLAIN, Refusal.NUMBER);
    assertThat(check(answer(GOOD, text, DISPROOF)).problems())
        .containsExactly(Refusal.NOT_PLAIN, Refusal.NUMBER);
    assertThat(check(answer(GOOD, DISPROOF, text)).problems())
        .containsExactly(Refusal.NOT_PLAIN, Refusal.NUMBER);
  }

  @Test
  void stepsCiteFactsThatAreThere() {
    assertThat(check(answer()).problems()).containsExactly(Refusal.FORM);
    assertThat(check(answer(new Step(GOOD, List.of()))).problems())
        .containsExactly(Refusal.CITATION);
    assertThat(check(answer(new Step(GOOD, List.of("E1", "E98")))).problems())
        .containsExactly(Refusal.CITATION);
  }

  @Test
  void whatWouldDisproveTheCauseIsNoStepAgain() {
    assertThat(check(answer(GOOD, DISPROOF, GOOD)).problems()).containsExactly(Refusal.FORM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Step 1: the rate comes back at last.",
        "This would disprove what was said.",
        "Nobody would ever think so any more."
      })
  void whatWouldDisproveTheCauseIsSomethingThatCanBeSeen(String text) {
    assertThat(check(answer(GOOD, DISPROOF, text)).problems()).containsExactly(Refusal.FORM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "The edge reports again as before.",
        "Training steps take as long without it.",
        "It would be a drift if so."
      })
  void aComponentAMetricOrACauseCanBeSeen(String text) {
    assertThat(check(answer(GOOD, DISPROOF, text)).problems()).isEmpty();
  }

  @Test
  void aLinkThatIsNotThereIsNoneInAnyText() {
    String text = "The rate of gateway->cloud fell by far.";
    for (ReasonedDiagnosis answer :
        List.of(answer(step(text)), answer(GOOD, text, DISPROOF), answer(GOOD, DISPROOF, text))) {
      assertThat(check(answer).problems()).containsExactly(Refusal.COMPONENT);
    }
  }

  @Test
  void numbersAreOfTheMetricThatIsNamed() {
    Evidence step =
        statistical.evidence().stream()
            .filter(fact -> fact.series().metric() == Metric.STEP_SECONDS && fact.score() > 0)
            .findFirst()
            .orElseThrow();
    List<String> both = List.of(rate.id(), step.id());
    String fallen = "The rate fell to " + Words.value(Metric.LINK_RATE, rate.current());
    String longer = " and the step time is " + Words.value(Metric.STEP_SECONDS, step.current());
    assertThat(steps(new Step(fallen + longer, both))).hasSize(1);
    assertThat(steps(new Step(fallen, both))).hasSize(1);
    // a number of the one under the name of the other
    String swapped =
        "The transfer time of "
            + rate.series().component()
            + " fell to "
            + Words.value(Metric.LINK_RATE, rate.current());
    assertThat(steps(new Step(swapped, both))).isEmpty();
    // no metric is named: which one is meant cannot be told
    String unnamed =
        rate.series().component()
            + " lost much, now "
            + Words.value(Metric.LINK_RATE, rate.current());
    assertThat(steps(new Step(unnamed, both))).hasSize(1);
  }

  private List<Step> steps(Step one) {
    return check(answer(one)).reasoning().map(Reasoning::steps).orElse(List.of());
  }

  @Test
  void anotherCauseIsDroppedAlsoALessLikelyOne() {
    ReasonedDiagnosis other =
        new ReasonedDiagnosis(
            "m", "cloud", "node-slowdown", answer(step(GOOD)).steps(), List.of(), DISPROOF);
    assertThat(check(other).problems()).containsExactly(Refusal.ANOTHER_CAUSE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "move-layers",
        "move-layers cloud[0-4]",
        "move-layers device[0-4]",
        "move-layers device[0-1] elsewhere[2-4]",
        "move-layers device[0] cloud[1-3]",
        "move-layers device[0] cloud[1-999999]",
        "move-layers device[0] cloud[1-4]; rm -rf /",
        "restart-node cloud",
        "notify-operator now",
      })
  void anActionThatIsNotAllowedIsDropped(String action) {
    assertThat(check(proposing(action)).problems()).containsExactly(Refusal.ACTION);
  }

  @Test
  void aMoveThatNobodyOfferedOrPredictedIsDroppedAlsoALegalOne() {
    List<NodeId> chain = topology.job().nodes().stream().map(NodeSpec::id).toList();
    Placement other =
        Stream.of(List.of(1, 2), List.of(1, 3), List.of(2, 3), List.of(2, 4))
            .map(cuts -> Placement.ofCuts(chain, 5, cuts))
            .filter(to -> DiagnosisGuard.isAllowed(to, topology) && !to.equals(better))
            .findFirst()
            .orElseThrow();
    assertThat(check(proposing(DiagnosisGuard.MOVE + other.describe())).problems())
        .containsExactly(Refusal.ACTION);
  }

  @Test
  void layersDoNotMoveToWhereTheyAreNorWhereThatIsNoCure() {
    String stay = DiagnosisGuard.MOVE + topology.placement().describe();
    assertThat(check(proposing(stay)).problems()).containsExactly(Refusal.ACTION);
    String move = DiagnosisGuard.MOVE + better.describe();
    assertThat(check(proposing(move)).problems()).isEmpty();
    Grounds unplaced = new Grounds(statistical, Optional.empty(), given(), "", offered());
    assertThat(new DiagnosisGuard().check(unplaced, proposing(move)).problems())
        .containsExactly(Refusal.ACTION);
    Diagnosis drift =
        new Diagnosis(
            statistical.incident(),
            0,
            List.of(new RankedCause(top.component(), Cause.LABEL_DRIFT, 1, List.of("E1"))),
            statistical.evidence(),
            "",
            "statistics");
    ReasonedDiagnosis asked = proposing(move);
    ReasonedDiagnosis about =
        new ReasonedDiagnosis(
            "m",
            asked.component(),
            Cause.LABEL_DRIFT.label(),
            asked.steps(),
            asked.proposals(),
            asked.disproof());
    assertThat(
            new DiagnosisGuard()
                .check(new Grounds(drift, Optional.of(topology), given(), "", offered()), about)
                .problems())
        .containsExactly(Refusal.ACTION);
  }

  @Test
  void aStepThatItsFactsDoNotBearOutIsLeftOut() {
    assertThat(rate.current()).isLessThan(rate.healthy());
    Evidence other =
        statistical.evidence().stream()
            .filter(fact -> fact.score() >= EvidencePack.NO_CHANGE)
            .findFirst()
            .orElseThrow();
    String foreign =
        topology.job().links().stream()
            .map(link -> link.id())
            .filter(
                link -> statistical.ranked().stream().noneMatch(r -> r.component().equals(link)))
            .filter(link -> !link.equals(rate.series().component()))
            .findFirst()
            .orElseThrow()
            .value();
    Step good = new Step("The rate fell by far.", List.of(rate.id()));
    for (String lie :
        List.of(
            "The rate rose by far.",
            "The rate went up by far.",
            "The loss fell and the rate rose.",
            "The rate did not fall at all.",
            "The rate stayed as it was.",
            "The rate of " + foreign + " fell.",
            "The rate shows a label drift.",
            "Nobody knows what it is.",
            "The rate fell, and with it " + Words.number(other.score() * 77) + " things.")) {
      ReasonedDiagnosis answer =
          answer(List.of(good, new Step(lie, List.of(rate.id()))), List.of(), DISPROOF);
      Grounds all = new Grounds(statistical, Optional.of(topology), given() + lie, "", offered());
      assertThat(new DiagnosisGuard().check(all, answer).reasoning().orElseThrow().steps())
          .as(lie)
          .containsExactly(good);
      ReasonedDiagnosis alone = answer(List.of(answer.steps().get(1)), List.of(), DISPROOF);
      assertThat(new DiagnosisGuard().check(all, alone).problems())
          .as(lie)
          .containsExactly(Refusal.UNCONFIRMED);
    }
  }

  @Test
  void factsThatAStepDoesNotSpeakOfAreNotCitedByIt() {
    List<String> all = statistical.evidence().stream().map(Evidence::id).toList();
    Step step = new Step("The rate of " + rate.series().component() + " fell.", all);
    List<String> cited =
        check(answer(step, step)).reasoning().orElseThrow().steps().get(0).evidence();
    assertThat(cited).contains(rate.id()).hasSizeLessThan(all.size());
    assertThat(check(answer(step, step)).reasoning().orElseThrow().steps()).hasSize(1);
  }

  @Test
  void whatAFactSaysIsConfirmedWordForWord() {
    for (Evidence fact : statistical.evidence()) {
      Step step = new Step("We see that " + fact.statement(), List.of(fact.id()));
      assertThat(check(answer(step)).reasoning()).as(fact.statement()).isPresent();
    }
  }

  private List<String> offered() {
    return List.of(DiagnosisGuard.NOTIFY, DiagnosisGuard.MOVE + better.describe());
  }

  private String given() {
    return statistical.evidence().stream()
        .map(fact -> fact.id() + " " + fact.statement() + "\n")
        .collect(Collectors.joining());
  }

  private DiagnosisGuard.Verdict check(ReasonedDiagnosis answer) {
    return new DiagnosisGuard()
        .check(new Grounds(statistical, Optional.of(topology), given(), "", offered()), answer);
  }

  private static Step step(String claim) {
    return new Step(claim, List.of("E1"));
  }

  private ReasonedDiagnosis answer(Step... steps) {
    return answer(
        List.of(steps),
        List.of(new Proposed(DiagnosisGuard.MOVE + better.describe(), "It is faster there.")),
        DISPROOF);
  }

  private ReasonedDiagnosis answer(String claim, String reason, String disproof) {
    return answer(
        List.of(step(claim)), List.of(new Proposed(DiagnosisGuard.NOTIFY, reason)), disproof);
  }

  private ReasonedDiagnosis proposing(String action) {
    return answer(List.of(step(GOOD)), List.of(new Proposed(action, GOOD)), DISPROOF);
  }

  private ReasonedDiagnosis answer(List<Step> steps, List<Proposed> proposals, String disproof) {
    return new ReasonedDiagnosis(
        "test-model", top.component().value(), top.cause().label(), steps, proposals, disproof);
  }
}
