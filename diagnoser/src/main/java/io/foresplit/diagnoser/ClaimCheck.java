package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning.Step;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.KnownNumbers.Freedom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Reads claims again beside the facts they cite: a claim must speak of them, the numbers must be
 * theirs, of the metric that is named, the components theirs or a candidate's, the causes
 * candidates, and what is said to rise, fall or stay must do so. What code cannot tell it lets
 * pass, but not a change that is denied: no fact says that. Pure.
 */
final class ClaimCheck {
  private static final Pattern RISE =
      words(
          "rises?|rose|risen|rising|increas\\w*|grew|grow[sn]?|growing|climb\\w*|jump\\w*|higher"
              + "|(?:goes|went|gone) up|surg\\w*|soar\\w*|doubl\\w*|tripl\\w*|worsen\\w*");
  private static final Pattern FALL =
      words(
          "falls?|fell|fallen|falling|drop\\w*|decreas\\w*|declin\\w*|los[et]|loses|losing"
              + "|shr[aiu]nk\\w*|reduc\\w*|fad(?:es?|ed|ing)|lower"
              + "|(?:goes|went|gone) down|s[iau]nk\\w*|collaps\\w*|plung\\w*|halv\\w*");
  private static final Pattern STAY = words("stay\\w*|unchanged|stable|steady|constant");
  private static final Pattern DENIAL = words("not|no|never|neither|nor|\\w+n't|hardly|without");

  /** The heading of a step is no sentence of its own. */
  private static final Pattern LABEL = Pattern.compile("(?i)^\\W*step\\s+\\d+\\W");

  /** What a sentence says one after the other. */
  private static final Pattern PARTS =
      Pattern.compile("(?i)[;,]|(?<![\\w-])(?:and|while|but|whereas|although)(?![\\w-])");

  private static final Pattern LINK = Pattern.compile("[\\w.-]*\\w->\\w(?:[\\w.-]*\\w)?");

  private static final Pattern LONG_WORD = Pattern.compile("[a-z]{4,}");

  private final Grounds grounds;
  private final Set<ComponentId> candidates = new HashSet<>();
  private final Set<Cause> causes = new HashSet<>();
  private final Set<ComponentId> known = new HashSet<>();

  ClaimCheck(Grounds grounds) {
    this.grounds = grounds;
    for (RankedCause ranked : grounds.statistical().ranked()) {
      candidates.add(ranked.component());
      causes.add(ranked.cause());
    }
    known.addAll(candidates);
    grounds.statistical().evidence().forEach(fact -> known.add(fact.series().component()));
    grounds
        .topology()
        .ifPresent(
            topology -> {
              topology.job().links().stream().map(LinkSpec::id).forEach(known::add);
              topology.job().participants().stream()
                  .map(NodeSpec::id)
                  .map(ComponentId::of)
                  .forEach(known::add);
            });
    known.remove(ComponentId.JOB);
  }

  private static Pattern words(String alternatives) {
    return Pattern.compile("(?<![\\w-])(?:" + alternatives + ")(?![\\w-])");
  }

  /** The step with those of its facts that it speaks of; empty when they do not bear it out. */
  Optional<Step> confirmed(Step step) {
    List<Evidence> cited =
        grounds.statistical().evidence().stream()
            .filter(fact -> step.evidence().contains(fact.id()))
            .filter(fact -> speaksOf(step.claim(), fact.series()))
            .toList();
    boolean holds =
        !cited.isEmpty()
            && numbers(meant(step.claim(), cited)).cover(step.claim())
            && namesOnly(step.claim(), cited)
            && movesAs(cited, step.claim());
    return holds
        ? Optional.of(new Step(step.claim(), cited.stream().map(Evidence::id).toList()))
        : Optional.empty();
  }

  /** Whether each link in a text is there. */
  boolean namesLinksThatAreThere(String text) {
    return LINK.matcher(text)
        .results()
        .allMatch(
            link ->
                known.stream()
                    .anyMatch(component -> component.value().equalsIgnoreCase(link.group())));
  }

  /** Whether a text is of something that can be seen: a component, a metric, or a cause. */
  boolean isOfSomethingSeen(String text) {
    return !LABEL.matcher(text).find()
        && (known.stream().anyMatch(component -> names(text, component.value()))
            || Arrays.stream(Metric.values()).anyMatch(metric -> speaksOf(text, metric))
            || Arrays.stream(Cause.values())
                .flatMap(cause -> Arrays.stream(cause.label().split("-", -1)))
                .anyMatch(word -> names(text, word) || names(text, word + "s")));
  }

  /** Whether a word of the metric occurs, or the component. */
  private static boolean speaksOf(String claim, SeriesKey series) {
    return names(claim, series.component().value()) || speaksOf(claim, series.metric());
  }

  private static boolean speaksOf(String claim, Metric metric) {
    return LONG_WORD
        .matcher(Words.of(metric))
        .results()
        .anyMatch(word -> names(claim, word.group()) || names(claim, word.group() + "s"));
  }

  /** Where a claim calls a metric by its name, its numbers are of facts of metrics it speaks of. */
  private static List<Evidence> meant(String claim, List<Evidence> cited) {
    return Arrays.stream(Metric.values()).anyMatch(metric -> names(claim, Words.of(metric)))
        ? cited.stream().filter(fact -> speaksOf(claim, fact.series().metric())).toList()
        : cited;
  }

  /** Of the facts, of what follows from them, of the candidates and of what was looked up. */
  private KnownNumbers numbers(List<Evidence> cited) {
    KnownNumbers numbers =
        new KnownNumbers(Freedom.OTHER_UNITS).add(grounds.lookedUp()).addNames(grounds.given());
    cited.forEach(fact -> addTo(numbers, fact));
    grounds.statistical().ranked().forEach(ranked -> numbers.add(ranked.probability()));
    return numbers;
  }

  /** What a fact says, and what follows from it. */
  static void addTo(KnownNumbers numbers, Evidence fact) {
    double ratio = fact.current() / fact.healthy();
    numbers.add(fact.statement());
    DoubleStream.of(fact.healthy(), fact.current(), ratio, 1 / ratio, 1 - ratio)
        .forEach(numbers::add);
  }

  private boolean namesOnly(String claim, List<Evidence> cited) {
    Set<ComponentId> allowed = new HashSet<>(candidates);
    cited.forEach(fact -> allowed.add(fact.series().component()));
    // the ends of a link are named with it
    List.copyOf(allowed).stream()
        .filter(ComponentId::isLink)
        .flatMap(link -> Stream.of(ComponentId.of(link.from()), ComponentId.of(link.to())))
        .forEach(allowed::add);
    boolean ownCauses =
        Arrays.stream(Cause.values())
            .filter(cause -> names(claim, cause.label()) || names(claim, spaced(cause)))
            .allMatch(causes::contains);
    return ownCauses
        && known.stream()
            .filter(component -> names(claim, component.value()))
            .allMatch(allowed::contains);
  }

  private static String spaced(Cause cause) {
    return cause.label().replace('-', ' ');
  }

  private static boolean names(String claim, String name) {
    return Pattern.compile(
            "(?<![\\w.>-])" + Pattern.quote(name) + "(?![\\w]|[.>-]+[\\w>])",
            Pattern.CASE_INSENSITIVE)
        .matcher(claim)
        .find();
  }

  /** Each part of a claim is held against facts of the metrics that it speaks of. */
  private boolean movesAs(List<Evidence> cited, String claim) {
    String whole = withoutNames(claim);
    boolean moves = RISE.matcher(whole).find() || FALL.matcher(whole).find();
    return !(moves && DENIAL.matcher(whole).find())
        && PARTS
            .splitAsStream(claim)
            .allMatch(part -> partMovesAs(ofItsMetrics(part, cited), withoutNames(part)));
  }

  private static List<Evidence> ofItsMetrics(String part, List<Evidence> cited) {
    List<Evidence> own =
        cited.stream().filter(fact -> speaksOf(part, fact.series().metric())).toList();
    return own.isEmpty() ? cited : own;
  }

  /** In lower case; a fading link is no fall. */
  private String withoutNames(String text) {
    String said = text.toLowerCase(Locale.ROOT);
    for (ComponentId component : known) {
      said = said.replace(component.value().toLowerCase(Locale.ROOT), " ");
    }
    for (Cause cause : causes) {
      said = said.replace(cause.label(), " ").replace(spaced(cause), " ");
    }
    return said;
  }

  private static boolean partMovesAs(List<Evidence> facts, String said) {
    return holds(RISE, said, facts, fact -> fact.score() >= EvidencePack.NO_CHANGE)
        && holds(FALL, said, facts, fact -> fact.score() <= -EvidencePack.NO_CHANGE)
        && holds(STAY, said, facts, fact -> Math.abs(fact.score()) < EvidencePack.NO_CHANGE);
  }

  private static boolean holds(
      Pattern words, String said, List<Evidence> cited, Predicate<Evidence> fact) {
    return !words.matcher(said).find() || cited.stream().anyMatch(fact);
  }
}
