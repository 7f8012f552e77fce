package io.foresplit.contract;

import java.util.List;
import java.util.Optional;

/**
 * Why an incident happens.
 *
 * @param revision 0 for the first diagnosis of an incident record, growing with each later one
 * @param ranked most probable first; empty when the diagnoser abstains
 * @param explanation plain sentences that cite evidence ids
 * @param reasoner what wrote it: {@code statistics}, or {@code statistics+llm:MODEL}
 * @param reasoning what a language model added
 */
public record Diagnosis(
    Incident incident,
    int revision,
    List<RankedCause> ranked,
    List<Evidence> evidence,
    String explanation,
    String reasoner,
    Optional<Reasoning> reasoning) {
  public Diagnosis {
    ranked = List.copyOf(ranked);
    evidence = List.copyOf(evidence);
  }

  /** A diagnosis by statistics alone. */
  public Diagnosis(
      Incident incident,
      int revision,
      List<RankedCause> ranked,
      List<Evidence> evidence,
      String explanation,
      String reasoner) {
    this(incident, revision, ranked, evidence, explanation, reasoner, Optional.empty());
  }

  public boolean abstained() {
    return ranked.isEmpty();
  }

  public Optional<RankedCause> top() {
    return ranked.stream().findFirst();
  }
}
