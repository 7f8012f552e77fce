package io.foresplit.app.view;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.Reasoning.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A diagnosis for people.
 *
 * @param reasoning null where no language model added any
 */
public record DiagnosisView(
    String job,
    String incident,
    int revision,
    boolean abstained,
    List<Candidate> ranked,
    List<Fact> evidence,
    String explanation,
    String reasoner,
    @Nullable Argument reasoning) {
  /** A possible cause. */
  public record Candidate(
      String component, String cause, double probability, List<String> evidence) {
    static Candidate of(RankedCause cause) {
      return new Candidate(
          cause.component().value(), cause.cause().label(), cause.probability(), cause.evidence());
    }
  }

  /** A fact that may be cited. */
  public record Fact(
      String id,
      String component,
      String metric,
      String unit,
      double healthy,
      double current,
      double score,
      String statement) {
    static Fact of(Evidence evidence) {
      return new Fact(
          evidence.id(),
          evidence.series().component().value(),
          evidence.series().metric().name(),
          evidence.series().metric().unit(),
          evidence.healthy(),
          evidence.current(),
          evidence.score(),
          evidence.statement());
    }
  }

  /** What a language model added. */
  public record Argument(
      String model, List<Step> steps, List<Recommendation> recommendations, String disproof) {
    static Argument of(Reasoning reasoning) {
      return new Argument(
          reasoning.model(),
          reasoning.steps(),
          reasoning.recommendations().stream().map(Recommendation::of).toList(),
          reasoning.disproof());
    }
  }

  /**
   * An action that it would take.
   *
   * @param detail what is to be moved, or the message to the operator
   */
  public record Recommendation(String kind, String detail, String reason) {
    static Recommendation of(Reasoning.Recommendation recommendation) {
      return new Recommendation(
          recommendation.action().kind(),
          ActionView.detail(recommendation.action()),
          recommendation.reason());
    }
  }

  static DiagnosisView of(Diagnosis diagnosis) {
    return new DiagnosisView(
        diagnosis.incident().job().value(),
        diagnosis.incident().id().value(),
        diagnosis.revision(),
        diagnosis.abstained(),
        diagnosis.ranked().stream().map(Candidate::of).toList(),
        diagnosis.evidence().stream().map(Fact::of).toList(),
        diagnosis.explanation(),
        diagnosis.reasoner(),
        diagnosis.reasoning().map(Argument::of).orElse(null));
  }
}
