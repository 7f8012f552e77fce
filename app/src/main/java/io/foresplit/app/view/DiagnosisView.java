package io.foresplit.app.view;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.RankedCause;
import java.util.List;

/** A diagnosis for people. */
public record DiagnosisView(
    String job,
    String incident,
    int revision,
    boolean abstained,
    List<Candidate> ranked,
    List<Fact> evidence,
    String explanation,
    String reasoner) {
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

  static DiagnosisView of(Diagnosis diagnosis) {
    return new DiagnosisView(
        diagnosis.incident().job().value(),
        diagnosis.incident().id().value(),
        diagnosis.revision(),
        diagnosis.abstained(),
        diagnosis.ranked().stream().map(Candidate::of).toList(),
        diagnosis.evidence().stream().map(Fact::of).toList(),
        diagnosis.explanation(),
        diagnosis.reasoner());
  }
}
