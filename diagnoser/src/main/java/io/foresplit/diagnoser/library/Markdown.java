package io.foresplit.diagnoser.library;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a Markdown text by its headings. Pure. */
final class Markdown {
  private static final Pattern HEADING = Pattern.compile("(#{1,6})[ \\t]+(.*?)[ \\t]*#*[ \\t]*");
  private static final Pattern FENCE = Pattern.compile(" {0,3}(```|~~~).*");
  private static final Pattern INDENTED = Pattern.compile("(?: {4}|\\t).*\\S.*");
  private static final int LONGEST_HEADING = 120;

  private Markdown() {}

  /**
   * What stands under a heading.
   *
   * @param heading empty for what stands before the first one
   * @param level number of its {@code #}
   */
  record Section(String heading, int level, String text) {}

  /** Every section, in order, also those without text; a {@code #} within code is no heading. */
  static List<Section> sections(String markdown) {
    List<Section> sections = new ArrayList<>();
    String heading = "";
    int level = 0;
    StringBuilder text = new StringBuilder();
    Optional<String> fence = Optional.empty();
    for (String line : markdown.split("\n", -1)) {
      Matcher fenced = FENCE.matcher(line);
      Matcher headed = HEADING.matcher(line);
      if (fenced.matches()) {
        String marks = fenced.group(1);
        fence = fence.isEmpty() ? Optional.of(marks) : fence.filter(open -> !open.equals(marks));
      }
      if (fence.isEmpty() && headed.matches()) {
        sections.add(new Section(heading, level, body(text)));
        heading = PlainText.line(headed.group(2), LONGEST_HEADING);
        level = headed.group(1).length();
        text.setLength(0);
      } else {
        text.append(line).append('\n');
      }
    }
    sections.add(new Section(heading, level, body(text)));
    if (sections.get(0).heading().isEmpty() && sections.get(0).text().isEmpty()) {
      sections.remove(0);
    }
    return sections;
  }

  /** Blank lines around it are of no use; the indentation of its first line is. */
  private static String body(StringBuilder text) {
    return text.toString().replaceFirst("\\A(?:[ \\t]*\\n)+", "").stripTrailing();
  }

  /**
   * The text without code, fenced or indented after a blank line; all of it if it is code alone.
   */
  static String prose(String text) {
    StringBuilder prose = new StringBuilder();
    boolean fenced = false;
    boolean mayIndent = true;
    for (String line : text.split("\n", -1)) {
      boolean mark = FENCE.matcher(line).matches();
      boolean code = fenced || mark || (mayIndent && INDENTED.matcher(line).matches());
      fenced ^= mark;
      mayIndent = code || line.isBlank();
      if (!code) {
        prose.append(line).append('\n');
      }
    }
    return prose.toString().isBlank() ? text : prose.toString().strip();
  }

  /** Pieces of at most so many characters, cut at blank lines, else at lines, else anywhere. */
  static List<String> pieces(String text, int longest) {
    List<String> pieces = new ArrayList<>();
    String rest = text;
    while (rest.length() > longest) {
      int cut = cut(rest, longest);
      pieces.add(rest.substring(0, cut).stripTrailing());
      rest = rest.substring(cut).replaceFirst("\\A\\n+", "");
    }
    if (!rest.isBlank()) {
      pieces.add(rest);
    }
    return pieces;
  }

  private static int cut(String text, int longest) {
    for (String at : List.of("\n\n", "\n", " ")) {
      int cut = text.lastIndexOf(at, longest);
      if (cut > longest / 3) {
        return cut;
      }
    }
    return Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
  }
}
