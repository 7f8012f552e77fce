package io.foresplit.diagnoser.library;

import io.foresplit.diagnoser.library.Library.Shelf;

/**
 * A piece of text that can be found as a whole.
 *
 * @param source see {@link Passage}
 * @param subject label of the cause it is about, or another short name; empty when it is about none
 */
public record Page(Shelf shelf, String source, String subject, String title, String text) {
  /** Characters of a text at most: an embedding sees about so much at once. */
  static final int LONGEST = 1_500;

  /** All its words. */
  String words() {
    return title + "\n" + text;
  }

  /** What is embedded: commands and output would take most of the time and blur the meaning. */
  String meaning() {
    return title + "\n" + Markdown.prose(text);
  }

  Passage scored(double score) {
    return new Passage(source, title, text, score);
  }
}
