package io.foresplit.diagnoser;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.Reasoning.Recommendation;
import io.foresplit.contract.Reasoning.Step;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryAction.NotifyOperator;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.KnownNumbers.Freedom;
import io.foresplit.diagnoser.ReasonedDiagnosis.Proposed;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Checks a reasoner's answer against the diagnosis it was asked about. Cause, ranking and evidence
 * stay those of the statistics; an answer that names another cause, cites a fact that is not there,
 * holds a number that was not given, recommends what is not allowed, or is not plain text of a
 * bounded length is dropped whole, and the statistical diagnosis stands. Of an accepted one, the
 * steps that their facts do not bear out are left out. Pure and thread-safe.
 */
public final class DiagnosisGuard {
  /** Name of the action that moves layers, before the placement. */
  public static final String MOVE = "move-layers ";

  /** Name of the action that tells the operator. */
  public static final String NOTIFY = "notify-operator";

  private static final int MOST_STEPS = 8;
  private static final int MOST_PROPOSALS = 4;
  private static final int LEAST_WORDS = 4;
  private static final int MOST_CHARACTERS = 400;
  private static final int MOST_MODEL_CHARACTERS = 64;
  private static final Pattern WORD = Pattern.compile("\\S*\\p{L}\\S*");
  private static final Pattern ID = Pattern.compile("\\bE\\d+\\b");

  /**
   * Control, unseen and private characters, digits of other scripts, markup, and addresses that
   * somebody could be led to.
   */
  private static final Pattern NOT_PLAIN =
      Pattern.compile(
          "[\\p{C}\\p{Zl}\\p{Zp}\\p{N}&&[^0-9]]|[<`{}|\\\\*#]|\\]\\(|://|\\bwww\\.|\\w@\\w"
              + "|\\w\\.[a-z]{2,}/");

  /**
   * A checked answer.
   *
   * @param reasoning what is left of it; empty when it was dropped
   * @param problems why it was dropped
   */
  public record Verdict(Optional<Reasoning> reasoning, Set<Refusal> problems) {
    private static Verdict dropped(Set<Refusal> problems) {
      return new Verdict(Optional.empty(), problems);
    }
  }

  public Verdict check(Grounds grounds, ReasonedDiagnosis answer) {
    Set<Refusal> problems = EnumSet.noneOf(Refusal.class);
    if (!namesTheCause(grounds.statistical(), answer)) {
      problems.add(Refusal.ANOTHER_CAUSE);
    }
    List<Step> steps =
        answer.steps().stream().map(step -> new Step(oneLine(step.claim()), ids(step))).toList();
    List<Proposed> proposals =
        answer.proposals().stream()
            .map(proposed -> new Proposed(proposed.action(), oneLine(proposed.reason())))
            .distinct()
            .toList();
    String disproof = oneLine(answer.disproof());
    List<String> texts =
        Stream.of(
                steps.stream().map(Step::claim),
                proposals.stream().map(Proposed::reason),
                Stream.of(disproof))
            .flatMap(part -> part)
            .toList();
    boolean repeats = texts.indexOf(disproof) < texts.size() - 1;
    ClaimCheck facts = new ClaimCheck(grounds);
    if (steps.isEmpty()
        || steps.size() > MOST_STEPS
        || proposals.size() > MOST_PROPOSALS
        || repeats
        || !facts.isOfSomethingSeen(disproof)) {
      problems.add(Refusal.FORM);
    }
    checkTexts(texts, problems);
    checkCitations(grounds.statistical(), steps, texts, problems);
    if (problems.contains(Refusal.FORM)) {
      return Verdict.dropped(problems);
    }
    KnownNumbers given = new KnownNumbers(Freedom.OTHER_UNITS).add(grounds.given());
    grounds.statistical().evidence().forEach(fact -> ClaimCheck.addTo(given, fact));
    if (!texts.stream().map(text -> ID.matcher(text).replaceAll("")).allMatch(given::cover)) {
      problems.add(Refusal.NUMBER);
    }
    if (!texts.stream().allMatch(facts::namesLinksThatAreThere)) {
      problems.add(Refusal.COMPONENT);
    }
    List<Recommendation> recommendations = recommendations(grounds, proposals);
    if (recommendations.size() < proposals.size()) {
      problems.add(Refusal.ACTION);
    }
    List<Step> confirmed =
        steps.stream().flatMap(step -> facts.confirmed(step).stream()).distinct().toList();
    if (problems.isEmpty() && confirmed.isEmpty()) {
      problems.add(Refusal.UNCONFIRMED);
    }
    return problems.isEmpty()
        ? new Verdict(
            Optional.of(new Reasoning(name(answer.model()), confirmed, recommendations, disproof)),
            Set.of())
        : Verdict.dropped(problems);
  }

  /** The next revision of a diagnosis, with what a reasoner added to it. */
  public static Diagnosis revised(Diagnosis statistical, Reasoning reasoning) {
    return new Diagnosis(
        statistical.incident(),
        statistical.revision() + 1,
        statistical.ranked(),
        statistical.evidence(),
        reasoning.steps().stream().map(DiagnosisGuard::sentence).collect(Collectors.joining(" ")),
        DiagnosisStage.REASONER + "+llm:" + reasoning.model(),
        Optional.of(reasoning));
  }

  private static String sentence(Step step) {
    String claim = step.claim().replaceAll("[.\\s]+$", "");
    return claim.substring(0, 1).toUpperCase(Locale.ROOT)
        + claim.substring(1)
        + step.evidence().stream().map(id -> " [" + id + "]").collect(Collectors.joining())
        + ".";
  }

  private static String name(String model) {
    String plain = model.replaceAll("[^A-Za-z0-9._:/-]", "?");
    return plain.substring(0, Math.min(plain.length(), MOST_MODEL_CHARACTERS));
  }

  /** On one line, citations in brackets left out: they stand beside the text. */
  private static String oneLine(String text) {
    return text.replaceAll("\\s*[\\[(](?:E\\d{1,9}(?:\\s*,\\s*)?)+[\\])]", "")
        .strip()
        .replaceAll("[ \\t\\r\\n]+", " ");
  }

  /** Those given beside the claim, then those within it. */
  private static List<String> ids(Step step) {
    return Stream.concat(
            step.evidence().stream(), ID.matcher(step.claim()).results().map(MatchResult::group))
        .distinct()
        .toList();
  }

  private static boolean namesTheCause(Diagnosis statistical, ReasonedDiagnosis answer) {
    Optional<RankedCause> top = statistical.top();
    return top.isPresent()
        && top.get().cause().label().equals(answer.cause())
        && top.get().component().value().equals(answer.component());
  }

  private static void checkTexts(List<String> texts, Set<Refusal> problems) {
    for (String text : texts) {
      if (text.length() > MOST_CHARACTERS || !isSentence(text)) {
        problems.add(Refusal.FORM);
      } else if (NOT_PLAIN.matcher(text).find()) {
        problems.add(Refusal.NOT_PLAIN);
      }
    }
  }

  /** Of some words, most of them different: small models stammer. */
  private static boolean isSentence(String text) {
    List<String> words = WORD.matcher(text).results().map(MatchResult::group).toList();
    long different = words.stream().distinct().count();
    return different >= LEAST_WORDS && 2 * different >= words.size();
  }

  private static void checkCitations(
      Diagnosis statistical, List<Step> steps, List<String> texts, Set<Refusal> problems) {
    Set<String> known =
        statistical.evidence().stream().map(Evidence::id).collect(Collectors.toSet());
    boolean allCite =
        steps.stream()
            .allMatch(step -> !step.evidence().isEmpty() && known.containsAll(step.evidence()));
    boolean allExist =
        texts.stream()
            .flatMap(text -> ID.matcher(text).results())
            .allMatch(id -> known.contains(id.group()));
    if (!allCite || !allExist) {
      problems.add(Refusal.CITATION);
    }
  }

  /** Those that are allowed. */
  private static List<Recommendation> recommendations(Grounds grounds, List<Proposed> proposals) {
    List<Recommendation> allowed = new ArrayList<>();
    for (Proposed proposed : proposals) {
      action(grounds, proposed)
          .ifPresent(action -> allowed.add(new Recommendation(action, proposed.reason())));
    }
    return allowed;
  }

  private static Optional<RecoveryAction> action(Grounds grounds, Proposed proposed) {
    if (proposed.action().equals(NOTIFY)) {
      return Optional.of(new NotifyOperator(proposed.reason()));
    }
    if (!proposed.action().startsWith(MOVE) || !mayMove(grounds.statistical())) {
      return Optional.empty();
    }
    return grounds
        .topology()
        .flatMap(
            topology ->
                Placement.parse(
                        proposed.action().substring(MOVE.length()), topology.job().layers().size())
                    .filter(to -> isAllowed(to, topology))
                    .filter(to -> grounds.actions().contains(MOVE + to.describe()))
                    .map(to -> new MoveLayers(topology.placement(), to)));
  }

  /** Whether moving layers can be an answer to the likeliest cause. */
  public static boolean mayMove(Diagnosis diagnosis) {
    return diagnosis.incident().silent().isEmpty()
        && diagnosis.top().filter(top -> top.cause().isCuredByMoving()).isPresent();
  }

  /** Whether layers may go to a placement: another one that breaks no rule of the job. */
  public static boolean isAllowed(Placement to, SplitTopology topology) {
    JobSpec job = topology.job();
    return !to.equals(topology.placement())
        && to.violations(job).isEmpty()
        && to.nodeOfLayer().get(0).equals(job.dataOwner());
  }
}
