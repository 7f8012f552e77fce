package io.foresplit.diagnoser.chat;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.KnownNumbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Words of a language model, told sentence by sentence as they come, as far as code can answer for
 * them. A sentence is left out when it holds a number that was not given to the model, a cause that
 * the diagnosis does not rank, a placement of layers that was neither in force nor planned nor
 * predicted, a fact that does not exist, a link or characters that are not shown, and when it was
 * said before; a citation that does not exist is taken out. Nothing is told before a sentence that
 * rests on something: on a fact, a number or a component. Not thread-safe.
 */
public final class CheckedWords {
  private static final int LONGEST_SENTENCE = 1_000;
  private static final int LONGEST = 4_000;

  /** A small model that repeats itself once does so until it is stopped. */
  private static final int MOST_REPEATS = 2;

  private static final Pattern END_OF_SENTENCE = Pattern.compile("[.!?](?=\\s)|\\n");
  private static final Pattern ENDED = Pattern.compile("[.!?:\\])\"'»”][\\s*_`]*$");
  private static final Pattern LIST_MARK = Pattern.compile("^(?:[-*•]|\\d{1,2}[.)])(?:\\s+|$)");
  private static final Pattern MARKUP = Pattern.compile("[*`#|]");
  private static final Pattern LINK =
      Pattern.compile(
          "(?i)[a-z][a-z0-9+.-]{1,20}://|\\bwww\\.|\\]\\(|<\\s*[a-z/!]"
              + "|\\b(?:mailto|javascript|data|file):\\S|\\S@\\S+\\.\\S");
  private static final Pattern NOT_SHOWN =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Zl}\\p{Zp}&&[^\\s]]");
  private static final Pattern SEVERAL = Pattern.compile("\\[E\\d+(?:\\s*[,;]\\s*E\\d+)+\\]");
  private static final Pattern CITATION = Pattern.compile("\\s?\\[(E\\d+)\\]");
  private static final Pattern FACT = Pattern.compile("(?<![\\p{L}\\p{N}])E\\d+(?![\\p{L}\\p{N}])");

  /** Layers of a node within a placement. */
  private static final Pattern LAYERS =
      Pattern.compile("[\\p{L}\\p{N}][^\\s\\[]*\\[\\d+(?:-\\d+)?]");

  private static final Pattern UNKNOWN =
      Pattern.compile("(?i)\\bI (?:do not|don't|cannot|can't) (?:know|tell|say)\\b");

  private final Telling telling;
  private final IncidentFacts facts;
  private final KnownNumbers numbers = new KnownNumbers(KnownNumbers.Freedom.ROUNDED);
  private final Set<String> layers = new TreeSet<>();
  private final Set<String> heard = new HashSet<>();
  private final List<Pattern> names;
  private final StringBuilder unread = new StringBuilder();
  private final List<String> waiting = new ArrayList<>();
  private final Set<String> problems = new TreeSet<>();
  private String heading = "";
  private int told;
  private int repeats;
  private boolean resting;
  private boolean unknown;

  public CheckedWords(Telling telling) {
    this.telling = telling;
    facts = telling.facts();
    names =
        Stream.concat(
                facts.components().stream().map(ComponentId::value),
                facts.topology().map(SplitTopology::job).stream()
                    .flatMap(job -> job.layers().stream())
                    .map(layer -> layer.name()))
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(CheckedWords::word)
            .toList();
    given(facts.incident().job().value());
    facts.topologies().forEach(topology -> predicted(topology.placement().describe()));
    Stream.concat(
            facts.journal().stream()
                .filter(JournalEntry.Intended.class::isInstance)
                .map(intended -> ((JournalEntry.Intended) intended).plan().action()),
            facts.diagnosis().stream()
                .flatMap(diagnosis -> diagnosis.reasoning().stream())
                .flatMap(reasoning -> reasoning.recommendations().stream())
                .map(Reasoning.Recommendation::action))
        .filter(MoveLayers.class::isInstance)
        .forEach(move -> predicted(((MoveLayers) move).to().describe()));
  }

  private static Pattern word(String name) {
    return Pattern.compile(
        "(?<![\\p{L}\\p{N}])" + Pattern.quote(name) + "(?![\\p{L}\\p{N}])",
        Pattern.CASE_INSENSITIVE);
  }

  /**
   * Words that follow an answer already told: it is not told again.
   *
   * @param newHeading said before the first words, on a new line
   */
  public void after(String answer, String newHeading) {
    given(answer);
    heading = newHeading;
    Matcher end = END_OF_SENTENCE.matcher(answer);
    int from = 0;
    while (end.find()) {
      heard.add(plain(answer.substring(from, end.end())));
      from = end.end();
    }
    heard.add(plain(answer.substring(from)));
  }

  /** To be compared: without citations, marks and case. */
  private static String plain(String sentence) {
    return CITATION
        .matcher(LIST_MARK.matcher(sentence.strip()).replaceFirst(""))
        .replaceAll("")
        .toLowerCase(Locale.ROOT);
  }

  /** What the model was given: it may repeat this. */
  public void given(String text) {
    numbers.add(text);
  }

  /** A text with placements that code has looked at: they may be named. */
  public void predicted(String text) {
    LAYERS.matcher(text).results().forEach(found -> layers.add(found.group()));
  }

  /** The next piece of the model's text, cut anywhere. */
  public void hear(String piece) {
    unread.append(piece);
    Matcher end = END_OF_SENTENCE.matcher(unread);
    int from = 0;
    while (end.find()) {
      judge(unread.substring(from, end.end()));
      from = end.end();
    }
    unread.delete(0, from);
    if (unread.length() > LONGEST_SENTENCE) {
      leaveOut("without an end");
      unread.setLength(0);
    }
  }

  /** The model's text is over. */
  public void end() {
    if (told == 0 || ENDED.matcher(unread).find()) {
      judge(unread.toString());
    } else if (!unread.toString().isBlank()) {
      leaveOut("without an end");
    }
    unread.setLength(0);
    if (unknown && told == 0) {
      tellWaiting();
    }
    if (told > 0 && !problems.isEmpty()) {
      telling
          .line()
          .say("Left out of the language model's words: " + String.join("; ", problems) + ".");
    }
  }

  /** Whether what still comes is what came before. */
  public boolean repeats() {
    return repeats >= MOST_REPEATS;
  }

  /** Whether anything of it was told. */
  public boolean told() {
    return told > 0;
  }

  /** Whether all that was told is that it is not known. */
  public boolean unknown() {
    return unknown && !resting;
  }

  private void judge(String raw) {
    String sentence =
        MARKUP
            .matcher(LIST_MARK.matcher(raw.strip()).replaceFirst(""))
            .replaceAll("")
            .replaceAll("\\s+", " ")
            .strip();
    if (sentence.isEmpty()) {
      return;
    }
    if (!heard.add(plain(sentence))) {
      repeats++;
      leaveOut("said before");
      return;
    }
    sentence = citations(sentence);
    if (NOT_SHOWN.matcher(raw).find() || LINK.matcher(sentence).find()) {
      leaveOut("with a link or characters that are not shown");
      return;
    }
    String rest = CITATION.matcher(sentence).replaceAll("");
    boolean names = !without(rest).equals(rest);
    rest = without(rest);
    boolean missing =
        FACT.matcher(rest).results().anyMatch(fact -> facts.evidence(fact.group()).isEmpty());
    rest = FACT.matcher(rest).replaceAll("");
    if (missing) {
      leaveOut("on a fact that does not exist");
    } else if (!numbers.cover(rest)) {
      leaveOut("with a number that is not recorded");
    } else if (Stream.of(Cause.values()).anyMatch(cause -> isNotRanked(cause, raw))) {
      leaveOut("on a cause that is not ranked");
    } else if (LAYERS.matcher(raw).results().anyMatch(l -> !layers.contains(l.group()))) {
      leaveOut("on a placement that nobody predicted");
    } else if (told + sentence.length() > LONGEST) {
      leaveOut("beyond " + LONGEST + " characters");
    } else {
      unknown |= UNKNOWN.matcher(sentence).find();
      resting |= names || KnownNumbers.in(rest) || CITATION.matcher(sentence).find();
      waiting.add(sentence);
      if (resting) {
        tellWaiting();
      }
    }
  }

  private void tellWaiting() {
    if (told == 0 && !heading.isEmpty() && !waiting.isEmpty()) {
      telling.line().say(heading);
    }
    for (String sentence : waiting) {
      telling.say(sentence);
      told += sentence.length();
    }
    waiting.clear();
  }

  private String citations(String sentence) {
    String single =
        SEVERAL
            .matcher(sentence)
            .replaceAll(list -> list.group().replaceAll("\\s*[,;]\\s*", "] ["));
    return CITATION
        .matcher(single)
        .replaceAll(
            citation -> {
              if (facts.evidence(citation.group(1)).isPresent()) {
                return Matcher.quoteReplacement(citation.group());
              }
              problems.add("citations of facts that do not exist");
              return "";
            });
  }

  private String without(String sentence) {
    String rest = sentence;
    for (Pattern name : names) {
      rest = name.matcher(rest).replaceAll("");
    }
    return rest;
  }

  private boolean isNotRanked(Cause cause, String raw) {
    String plain = raw.toLowerCase(Locale.ROOT).replace(' ', '-');
    return plain.contains(cause.label())
        && facts.diagnosis().stream()
            .flatMap(diagnosis -> diagnosis.ranked().stream())
            .noneMatch(ranked -> ranked.cause() == cause);
  }

  private void leaveOut(String why) {
    problems.add("a sentence " + why);
  }
}
