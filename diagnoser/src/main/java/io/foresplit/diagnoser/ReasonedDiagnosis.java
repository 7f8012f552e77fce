package io.foresplit.diagnoser;

import io.foresplit.contract.Reasoning;
import java.util.List;

/**
 * What a reasoner answered, not yet checked: plain text from outside that {@link DiagnosisGuard}
 * has to accept first.
 *
 * @param model which model answered
 * @param component and {@code cause}: what it believes, as it wrote them
 * @param disproof what would show that it is another cause
 */
public record ReasonedDiagnosis(
    String model,
    String component,
    String cause,
    List<Reasoning.Step> steps,
    List<Proposed> proposals,
    String disproof) {
  /**
   * An action it would take.
   *
   * @param action {@code notify-operator}, or {@code move-layers} and a placement as {@link
   *     io.foresplit.contract.Placement#describe} writes it
   * @param reason of a move, or what to tell the operator
   */
  public record Proposed(String action, String reason) {}

  public ReasonedDiagnosis {
    steps = List.copyOf(steps);
    proposals = List.copyOf(proposals);
  }
}
