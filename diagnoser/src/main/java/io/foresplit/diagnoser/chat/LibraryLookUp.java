package io.foresplit.diagnoser.chat;

import io.foresplit.diagnoser.library.Library;
import io.foresplit.diagnoser.library.Library.Shelf;
import io.foresplit.diagnoser.library.Passage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What runbooks or past incidents say about something. */
public record LibraryLookUp(Shelf shelf, String query, Library library)
    implements LookUp<LibraryLookUp.Found> {
  private static final int PASSAGES = 2;
  private static final int LONGEST_QUERY = 200;
  private static final int LONGEST_PASSAGE = 900;

  public LibraryLookUp {
    query = PlainText.of(query, LONGEST_QUERY);
  }

  @Override
  public String name() {
    return shelf == Shelf.RUNBOOKS ? "runbooks" : "past-incidents";
  }

  @Override
  public Map<String, String> arguments() {
    return Map.of("query", query);
  }

  @Override
  public Found in(IncidentFacts facts) {
    return new Found(library.search(Set.of(shelf), query, PASSAGES));
  }

  /** The best first. */
  public record Found(List<Passage> passages) implements LookUp.Result {
    public Found {
      passages = List.copyOf(passages);
    }

    @Override
    public String text() {
      if (passages.isEmpty()) {
        return "nothing is found";
      }
      return passages.stream()
          .map(p -> p.title() + ": " + PlainText.of(p.text(), LONGEST_PASSAGE))
          .collect(Collectors.joining("; "));
    }
  }
}
