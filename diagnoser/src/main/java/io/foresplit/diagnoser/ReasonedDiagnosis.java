package io.foresplit.diagnoser;

import java.util.List;

/**
 * What a reasoner answered, not yet checked: plain text from outside that {@link DiagnosisGuard}
 * has to accept first.
 *
 * @param model which model answered
 * @param component and {@code cause}: what it believes, as it wrote them
 * @param citations evidence ids it says it relies on
 */
public record ReasonedDiagnosis(
    String model, String component, String cause, String explanation, List<String> citations) {
  public ReasonedDiagnosis {
    citations = List.copyOf(citations);
  }
}
