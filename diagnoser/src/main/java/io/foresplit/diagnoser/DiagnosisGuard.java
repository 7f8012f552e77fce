package io.foresplit.diagnoser;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.RankedCause;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Checks a reasoner's answer against the diagnosis it was asked about. The reasoner may word the
 * explanation; cause, ranking and evidence stay those of the statistics. An answer that names
 * another cause, cites a fact that is not there or none at all, or is not plain text of a bounded
 * length, is dropped, and the statistical diagnosis stands. Pure and thread-safe.
 */
public final class DiagnosisGuard {
  static final int LEAST_CHARACTERS = 40;
  static final int MOST_CHARACTERS = 2_000;

  private static final int MOST_CITATIONS = 64;
  private static final int MOST_MODEL_CHARACTERS = 64;
  private static final Pattern CITATION = Pattern.compile("\\bE\\d+\\b");

  /** Control characters, markup, and addresses that somebody could be led to. */
  private static final Pattern NOT_PLAIN = Pattern.compile("[\\p{Cntrl}\\p{Cf}<`]|://|www\\.");

  /**
   * A checked answer.
   *
   * @param revised the diagnosis with the new explanation; empty when the answer was dropped
   * @param problems why it was dropped
   */
  public record Verdict(Optional<Diagnosis> revised, List<String> problems) {
    public Verdict {
      problems = List.copyOf(problems);
    }
  }

  public Verdict check(Diagnosis statistical, ReasonedDiagnosis answer) {
    List<String> problems = new ArrayList<>();
    checkCause(statistical, answer, problems);
    checkText(oneLine(answer), problems);
    checkCitations(statistical, answer, problems);
    return problems.isEmpty()
        ? new Verdict(Optional.of(revised(statistical, answer)), List.of())
        : new Verdict(Optional.empty(), problems);
  }

  private static Diagnosis revised(Diagnosis statistical, ReasonedDiagnosis answer) {
    String model = answer.model().replaceAll("[^A-Za-z0-9._:/-]", "?");
    return new Diagnosis(
        statistical.incident(),
        statistical.revision() + 1,
        statistical.ranked(),
        statistical.evidence(),
        oneLine(answer),
        DiagnosisStage.REASONER
            + "+llm:"
            + model.substring(0, Math.min(model.length(), MOST_MODEL_CHARACTERS)));
  }

  private static String oneLine(ReasonedDiagnosis answer) {
    return answer.explanation().strip().replaceAll("[ \\t\\r\\n]+", " ");
  }

  private static void checkCause(
      Diagnosis statistical, ReasonedDiagnosis answer, List<String> problems) {
    Optional<RankedCause> top = statistical.top();
    if (top.isEmpty()) {
      problems.add("the statistics name no cause, so there is none to explain");
      return;
    }
    String expected = top.get().cause().label() + " of " + top.get().component();
    boolean same =
        top.get().cause().label().equals(answer.cause())
            && top.get().component().value().equals(answer.component());
    if (!same) {
      boolean known =
          statistical.ranked().stream()
              .anyMatch(
                  r ->
                      r.cause().label().equals(answer.cause())
                          && r.component().value().equals(answer.component()));
      problems.add(
          known
              ? "cause must be the top one, " + expected + ", was a less likely one"
              : "cause must be " + expected + ", was none of the candidates");
    }
  }

  private static void checkText(String text, List<String> problems) {
    if (text.length() < LEAST_CHARACTERS || text.length() > MOST_CHARACTERS) {
      problems.add(
          "explanation must have "
              + LEAST_CHARACTERS
              + " to "
              + MOST_CHARACTERS
              + " characters, was "
              + text.length());
    }
    if (NOT_PLAIN.matcher(text).find()) {
      problems.add(
          "explanation must be plain text without markup, addresses or control characters");
    }
  }

  private static void checkCitations(
      Diagnosis statistical, ReasonedDiagnosis answer, List<String> problems) {
    Set<String> known =
        statistical.evidence().stream().map(Evidence::id).collect(Collectors.toSet());
    Set<String> inText = new HashSet<>();
    Matcher matcher = CITATION.matcher(answer.explanation());
    while (matcher.find()) {
      inText.add(matcher.group());
    }
    if (inText.isEmpty()) {
      problems.add("explanation must cite evidence, cited none");
    }
    if (answer.citations().size() > MOST_CITATIONS) {
      problems.add("citations must be at most " + MOST_CITATIONS);
    }
    Set<String> unknown = new HashSet<>(inText);
    unknown.addAll(answer.citations());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      problems.add(unknown.size() + " cited facts do not exist");
    }
  }
}
