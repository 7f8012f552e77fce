package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.diagnoser.chat.Question.About;
import io.foresplit.diagnoser.chat.Question.Measured;
import io.foresplit.diagnoser.chat.Question.OneFact;
import io.foresplit.diagnoser.chat.Question.Outlook;
import io.foresplit.diagnoser.chat.Question.Plain;
import io.foresplit.diagnoser.chat.Question.WhatIf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognises a fixed set of questions in free English by words and phrases; the first rule that
 * fits counts. A follow-up is understood from the question before it, which is read again: a
 * conversation has no state beside its text. Pure.
 */
final class QuestionReader {
  private static final int LONGEST = 2_000;

  private static final Pattern FACT = Pattern.compile("\\be\\d{1,9}\\b");
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9](?:[a-z0-9._]|-(?!>))*(?:->[a-z0-9][a-z0-9._-]*)?");

  /** A meaning and the words by which it is known. */
  private record Known<T>(T meaning, Predicate<String> fits) {}

  private static final List<Known<Plain>> FIRST =
      List.of(
          known(
              Plain.HELPED,
              "\\b(did|does|has|have|was|is)\\b.*\\b(help|helped|work|worked|effective|succeed"
                  + "|succeeded|success|successful|improved?|better|fixed|faster)\\b",
              "\\b(outcomes?|results?|verified)\\b"),
          known(
              Plain.WHAT_CAN_BE_ASKED,
              "^\\W*help\\b",
              "\\b(can|could|may|should) i ask\\b",
              "\\bwh(at|ich) questions\\b",
              "\\bwhat can you\\b",
              "\\bwhat do you (know|understand)\\b"),
          known(
              Plain.CHECK,
              "\\b(check|verify|investigate|disprove|recommend|advise|advice|inspect)\\b",
              "\\b(should|can|could|must) (i|we) (do|look|try|start)\\b",
              "\\bshould be done\\b|\\bnext steps?\\b|\\bdo next\\b|\\blook (at|into|for)\\b"),
          known(
              Plain.TRIED,
              "\\b(tried|try|actions?|moved?|moves|recover|recovery|react|reaction|undo|undone)\\b",
              "\\b(done|undid)\\b",
              "\\b(did|have|has) (you|it|we|foresplit|anybody|anyone|the service)\\b"
                  + ".*\\b(do|change)\\b"),
          known(
              Plain.ALTERNATIVES,
              "\\b(else|alternatives?|instead|candidates?|suspects?)\\b",
              "\\b(other|another|second|further) (causes?|reasons?|explanations?|possibilit)",
              "\\brule[ds]? out\\b|\\bless likely\\b"));

  /** Tried after what is forecast and what is measured, which have words in common with them. */
  private static final List<Known<Plain>> LATER =
      List.of(
          known(
              Plain.CONFIDENCE,
              "\\b(sure|certain|certainty|confiden(t|ce)|probab\\w+|likel(y|ihood)|trust)\\b"),
          known(
              Plain.SINCE,
              "\\b(since|when|onset|start(ed)?|beg[aiu]n|resolved|ended)\\b",
              "\\bhow long (has|have|is|was|did)\\b",
              "\\bis it (over|still)\\b"),
          known(
              Plain.EVIDENCE,
              "\\b(evidence|facts?|proof|proves?|based on|measurements?|numbers|support)\\b"),
          known(
              Plain.WHERE,
              "\\b(where|topology|placement|placed|layers?|layout|cuts?|which node|epoch)\\b"),
          known(
              Plain.WHY,
              "\\b(why|causes?|caused|reasons?|root|culprit|blame|explain|explanation)\\b",
              "\\bsummar\\w+\\b|\\bgoing on\\b",
              "\\bwhat (is|was|went|has gone) (it|this|wrong|the problem|the trouble)\\b",
              "\\bwhat('s| is)? happen(ed|ing)\\b"));

  private static final Predicate<String> OUTLOOK =
      any(
          "\\b(forecasts?|predict\\w*|expect\\w*|future|ahead|horizon|trend|worse|soon|will)\\b",
          "\\b(breach\\w*|at risk|until)\\b");

  /** With these words a metric is not what is asked for. */
  private static final Predicate<String> NOT_A_METRIC =
      any("\\b(why|causes?|root|reasons?|since|evidence|onset|when (did|was))\\b");

  private static final List<Known<Metric>> METRICS =
      List.of(
          known(Metric.STEPS_PER_SECOND, "\\bsteps per second\\b|\\bstep rate\\b"),
          known(Metric.STEP_SECONDS, "\\bstep (times?|duration)\\b|\\ba step take\\b"),
          known(Metric.LOSS, "\\bloss\\b"),
          known(Metric.GRADIENT_NORM, "\\bgradients?\\b"),
          known(Metric.LINK_RATE, "\\brates?\\b|\\bbandwidth\\b"),
          known(Metric.LINK_DELAY_SECONDS, "\\bdelays?\\b|\\blatency\\b"),
          known(Metric.TRANSFER_SECONDS, "\\btransfer times?\\b"),
          known(Metric.QUEUE_WAIT_SECONDS, "\\bwait(s|ing)?\\b"),
          known(Metric.SLOWDOWN, "\\bslow(down)?\\b|\\bspeed\\b"),
          known(Metric.CPU_SHARE, "\\bcpu\\b|\\bprocessor\\b"),
          known(Metric.HEAP_BYTES, "\\bheap\\b|\\bmemory\\b"));

  private final ProposalReader proposals;
  private final Map<String, ComponentId> components = new LinkedHashMap<>();
  private final Optional<ComponentId> suspect;

  QuestionReader(IncidentFacts facts) {
    proposals = new ProposalReader(facts);
    facts.components().forEach(c -> components.put(c.value().toLowerCase(Locale.ROOT), c));
    suspect = facts.top().map(cause -> cause.component());
  }

  private static <T> Known<T> known(T meaning, String... patterns) {
    return new Known<>(meaning, any(patterns));
  }

  private static Predicate<String> any(String... patterns) {
    return Pattern.compile(String.join("|", patterns)).asPredicate();
  }

  /** What a question asks after the turns before it. */
  Question read(List<Turn> history, String question) {
    Question before = null;
    for (Turn turn : history) {
      before = read(before, turn.question());
    }
    return read(before, question);
  }

  private Question read(@Nullable Question before, String question) {
    String text =
        PlainText.of(question, LONGEST)
            .toLowerCase(Locale.ROOT)
            .replace("→", "->")
            .replace('–', '-')
            .replace('’', '\'');
    Optional<ComponentId> named = component(text);
    Matcher fact = FACT.matcher(text);
    if (fact.find()) {
      return new OneFact(fact.group().toUpperCase(Locale.ROOT));
    }
    Optional<Proposal> proposal =
        proposals.read(text, before instanceof WhatIf whatIf ? whatIf.proposal() : null, named);
    if (proposal.isPresent()) {
      return new WhatIf(proposal.get());
    }
    return first(FIRST, text)
        .map(plain -> of(plain, named))
        .or(() -> OUTLOOK.test(text) ? Optional.of(new Outlook(named)) : Optional.empty())
        .or(() -> NOT_A_METRIC.test(text) ? Optional.empty() : measured(text, named))
        .or(() -> first(LATER, text).map(plain -> of(plain, named)))
        .or(() -> measured(text, named))
        .or(() -> named.map(component -> followed(before, component)))
        .orElse(Plain.NOT_UNDERSTOOD);
  }

  private static <T> Optional<T> first(List<Known<T>> words, String text) {
    return words.stream().filter(known -> known.fits().test(text)).map(Known::meaning).findFirst();
  }

  /** A question about a component that is not the suspect asks about that one. */
  private Question of(Plain plain, Optional<ComponentId> named) {
    return switch (plain) {
      case WHY, ALTERNATIVES, CONFIDENCE ->
          named.isPresent() && !named.equals(suspect) ? new About(named.get()) : plain;
      case EVIDENCE, WHERE -> named.isPresent() ? new About(named.get()) : plain;
      case SINCE, TRIED, HELPED, CHECK, WHAT_CAN_BE_ASKED, NOT_UNDERSTOOD -> plain;
    };
  }

  private static Question followed(@Nullable Question before, ComponentId component) {
    if (before instanceof Outlook) {
      return new Outlook(Optional.of(component));
    } else if (before instanceof Measured measured) {
      return new Measured(measured.metric(), Optional.of(component));
    }
    return new About(component);
  }

  private static Optional<Question> measured(String text, Optional<ComponentId> named) {
    return first(METRICS, text).map(metric -> new Measured(metric, named));
  }

  /** The first link named, by its id or by its ends in their order, else the first node. */
  private Optional<ComponentId> component(String text) {
    List<ComponentId> found = new ArrayList<>();
    Matcher name = NAME.matcher(text);
    while (name.find()) {
      ComponentId component = components.get(name.group().replaceAll("[._-]+$", ""));
      if (component != null) {
        found.add(component);
      }
    }
    Optional<ComponentId> link = found.stream().filter(ComponentId::isLink).findFirst();
    if (link.isPresent() || found.size() < 2) {
      return link.or(() -> found.stream().findFirst());
    }
    ComponentId between = ComponentId.link(found.get(0).from(), found.get(1).from());
    return Optional.of(components.containsValue(between) ? between : found.get(0));
  }
}
