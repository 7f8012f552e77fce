package io.foresplit.diagnoser.library;

import io.foresplit.diagnoser.library.Library.Shelf;
import io.foresplit.diagnoser.library.Markdown.Section;
import java.util.ArrayList;
import java.util.List;

/**
 * What to do about one kind of trouble, in Markdown.
 *
 * @param source see {@link Passage}
 * @param subject label of the cause it is about, or its own name
 * @param markdown plain text without control characters; with a heading
 */
public record Runbook(String source, String subject, String markdown) {
  /** Its first heading. */
  public String title() {
    return Markdown.sections(markdown).stream()
        .map(Section::heading)
        .filter(heading -> !heading.isEmpty())
        .findFirst()
        .orElse(subject);
  }

  /** One or more for each heading that has text below it. */
  List<Page> pages() {
    String title = title();
    List<Page> pages = new ArrayList<>();
    for (Section section : Markdown.sections(markdown)) {
      String heading = section.heading();
      boolean whole = heading.isEmpty() || heading.equals(title);
      for (String piece : Markdown.pieces(section.text(), Page.LONGEST)) {
        pages.add(
            new Page(
                Shelf.RUNBOOKS, source, subject, whole ? title : title + ": " + heading, piece));
      }
    }
    return pages;
  }
}
