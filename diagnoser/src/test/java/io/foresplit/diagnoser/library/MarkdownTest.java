package io.foresplit.diagnoser.library;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.diagnoser.library.Markdown.Section;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarkdownTest {
  @Test
  void headingsCut() {
    assertThat(Markdown.sections("before\n# One\n\n  text\n\n## Two ##\n### Three\nmore\n"))
        .containsExactly(
            new Section("", 0, "before"),
            new Section("One", 1, "  text"),
            new Section("Two", 2, ""),
            new Section("Three", 3, "more"));
  }

  @Test
  void codeHasNoHeadings() {
    String code = "```sh\n# not a heading\n~~~\n# nor this\n```";
    assertThat(Markdown.sections("# A\n" + code + "\n# B\n    # nor this, indented"))
        .containsExactly(
            new Section("A", 1, code), new Section("B", 1, "    # nor this, indented"));
    assertThat(Markdown.sections("#hashtag")).containsExactly(new Section("", 0, "#hashtag"));
  }

  @Test
  void proseIsWhatIsNoCode() {
    assertThat(Markdown.prose("Look:\n\n    ip link\n\n    mtr\n\nThen\n```\nx\n```\ngo on."))
        .isEqualTo("Look:\n\n\n\nThen\ngo on.");
    assertThat(Markdown.prose("- a list\n    goes on here"))
        .isEqualTo("- a list\n    goes on here");
    assertThat(Markdown.prose("    only code")).isEqualTo("    only code");
  }

  @Test
  void longTextIsCutWhereItMay() {
    assertThat(Markdown.pieces("short", 10)).containsExactly("short");
    assertThat(Markdown.pieces("aaaa bbbb\n\ncccc dddd", 15))
        .containsExactly("aaaa bbbb", "cccc dddd");
    assertThat(Markdown.pieces("aaaa\nbbbb\ncccc", 10)).containsExactly("aaaa\nbbbb", "cccc");
    assertThat(Markdown.pieces("x".repeat(25), 10))
        .containsExactly("x".repeat(10), "x".repeat(10), "x".repeat(5));
    String smileys = "\uD83D\uDE00".repeat(8);
    List<String> pieces = Markdown.pieces(smileys, 5);
    assertThat(String.join("", pieces)).isEqualTo(smileys);
    assertThat(pieces).allSatisfy(piece -> assertThat(piece.length()).isEven());
    assertThat(Markdown.pieces("  \n", 10)).isEmpty();
  }
}
