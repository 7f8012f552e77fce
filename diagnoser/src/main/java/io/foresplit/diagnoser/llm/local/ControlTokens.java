package io.foresplit.diagnoser.llm.local;

import java.util.regex.Pattern;

/**
 * Marks by which chat templates part one turn from the next. A text that holds one, such as a
 * node's name, could else end its turn and speak as somebody else.
 */
final class ControlTokens {
  private static final Pattern MARKS =
      Pattern.compile(
          "<(?=\\||/?s>|<SYS|/?(?:start|end)_of|/?(?:bos|eos|unk|pad)>|｜|[a-z]+_[a-z_]+>|filename>"
              + "|reponame>)|\\[(?=/?[A-Z_]+])");

  private ControlTokens() {}

  /** The text with a space within each mark, so that it is read as what it says. */
  static String defuse(String text) {
    return MARKS.matcher(text).replaceAll(mark -> mark.group().equals("[") ? "[ " : "< ");
  }
}
