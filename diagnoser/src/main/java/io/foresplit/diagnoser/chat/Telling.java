package io.foresplit.diagnoser.chat;

import io.foresplit.contract.Evidence;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One answer as it is told. Whatever is said goes through here, so that all of it is plain text and
 * every citation exists: one of a fact that the latest diagnosis has not is left out. Not
 * thread-safe.
 */
public final class Telling {
  private static final int LONGEST_SENTENCE = 3_000;
  private static final int LONGEST_RESULT = 2_000;
  private static final Pattern CITATION = Pattern.compile("\\s?\\[(E\\d+)\\]");

  private final IncidentFacts facts;
  private final Consumer<ChatEvent> listener;
  private final Set<String> cited = new HashSet<>();
  private int calls;
  private String separator = "";

  public Telling(IncidentFacts facts, Consumer<ChatEvent> listener) {
    this.facts = facts;
    this.listener = listener;
  }

  public IncidentFacts facts() {
    return facts;
  }

  /** A sentence; {@code [E1]} in it cites a fact. */
  public Telling say(String sentence) {
    String plain = PlainText.of(sentence, LONGEST_SENTENCE);
    StringBuilder piece = new StringBuilder(separator);
    Matcher citation = CITATION.matcher(plain);
    int from = 0;
    while (citation.find()) {
      piece.append(plain, from, citation.start());
      from = citation.end();
      Optional<Evidence> fact = facts.evidence(citation.group(1));
      if (fact.isPresent()) {
        piece.append(citation.group());
        listener.accept(new ChatEvent.Token(piece.toString()));
        piece.setLength(0);
        cite(fact.get());
      }
    }
    piece.append(plain, from, plain.length());
    if (piece.length() > 0) {
      listener.accept(new ChatEvent.Token(piece.toString()));
    }
    separator = " ";
    return this;
  }

  /** A sentence on a line of its own. */
  Telling item(String sentence) {
    separator = "\n- ";
    return say(sentence);
  }

  /** What comes next begins a new line. */
  public Telling line() {
    separator = "\n";
    return this;
  }

  private void cite(Evidence fact) {
    if (cited.add(fact.id())) {
      listener.accept(new ChatEvent.Citation(fact.id(), fact.series()));
    }
  }

  /** Looks something up and tells that it does. */
  <R extends LookUp.Result> R look(LookUp<R> lookUp) {
    int call = ++calls;
    listener.accept(new ChatEvent.ToolCall(call, lookUp.name(), lookUp.arguments()));
    R found = lookUp.in(facts);
    listener.accept(new ChatEvent.ToolResult(call, lookUp.name(), plain(found)));
    return found;
  }

  /** Likewise; what was found, as it is told. */
  public String found(LookUp<?> lookUp) {
    return plain(look(lookUp));
  }

  private static String plain(LookUp.Result found) {
    return PlainText.of(found.text(), LONGEST_RESULT);
  }

  /** Nothing is told after it. */
  public void end(ChatEvent.Status status) {
    listener.accept(new ChatEvent.End(status));
  }
}
