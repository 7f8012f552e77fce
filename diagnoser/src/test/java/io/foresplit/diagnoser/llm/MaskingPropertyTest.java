package io.foresplit.diagnoser.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobId;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MaskingPropertyTest {
  private static final List<String> NODES =
      List.of("edge", "edge-2", "node1", "10.1.2.3-eth0", "NODE_1", "n", "gpu_7.lab", "edge-");

  private static Masking masking() {
    Masking masking = new Masking();
    masking.learn(new JobId("fashion-mnist"), NODES.stream().map(ComponentId::new).toList());
    return masking;
  }

  /** Texts out of names, placeholders, addresses, escapes and whatever else may stand together. */
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "edge",
            "Edge",
            "edge-2",
            "node1",
            "10.1.2.3-eth0",
            "NODE_1",
            "NODE_12",
            "JOB_3",
            "TEXT_1",
            "gpu_7.lab",
            "edge-",
            "fashion-mnist",
            "edge->node1",
            "10.1.2.3",
            "fe80::1",
            "::1",
            "2001:db8:0:0:0:0:0:7",
            "a.b@example.org",
            "db.internal.example.org",
            "knowledge",
            "05:47:32",
            "1.31",
            "MB/s",
            "E1",
            "[E3]",
            "\\n",
            "\\u003c",
            "\n",
            " ",
            " ",
            ".",
            ",",
            "-",
            "_",
            "\"",
            "{",
            "}",
            ":",
            "@",
            "ä",
            "1",
            "x",
            "🙂",
            "n",
            "$1",
            "\\")
        .list()
        .ofMaxSize(14)
        .map(parts -> String.join("", parts));
  }

  @Property
  void whatIsMaskedComesBackAsItWas(@ForAll("texts") String text, @ForAll("texts") String other) {
    Masking masking = masking();
    masking.mask(other);
    assertThat(masking.unmask(masking.mask(text))).isEqualTo(text);
  }

  @Property
  void noNameIsLeft(@ForAll("texts") String text) {
    String masked = masking().mask(text);
    for (String name : NODES) {
      // a placeholder may look like a node's name
      if (!name.equals("NODE_1")) {
        assertThat(Pattern.compile(word(name)).matcher(masked).find())
            .as("%s in %s", name, masked)
            .isFalse();
      }
    }
    assertThat(masked).doesNotContainPattern(word("fashion-mnist"));
  }

  private static String word(String name) {
    return "(?<![\\p{L}\\p{N}])" + Pattern.quote(name) + "(?![\\p{L}\\p{N}])";
  }

  @Property
  void piecesGiveTheSameWhereverTheyAreCut(
      @ForAll("texts") String text, @ForAll("texts") String more, @ForAll int cut) {
    Masking masking = masking();
    String masked = masking.mask(text) + masking.mask(more);
    StringBuilder shown = new StringBuilder();
    Masking.Pieces pieces = masking.new Pieces(shown::append);
    int length = 1 + Math.floorMod(cut, 7);
    for (int i = 0; i < masked.length(); i += length) {
      pieces.accept(masked.substring(i, Math.min(masked.length(), i + length)));
    }
    pieces.end();
    assertThat(shown).hasToString(masking.unmask(masked));
  }

  @Example
  void addressesAndHostsAreMasked() {
    String masked =
        masking()
            .mask(
                "10.1.2.3:80 fe80::1%eth0 ::1 2001:db8:: 2001:db8:0:0:0:0:0:7 a.b+c@example.org,"
                    + " db.internal.example.org. {\"host\":\"x-1.example.org\"}\\nexample.org");
    assertThat(masked)
        .matches(
            "ADDRESS_\\d+:80 ADDRESS_\\d+%eth0 ADDRESS_\\d+ ADDRESS_\\d+ ADDRESS_\\d+ MAIL_\\d+,"
                + " HOST_\\d+\\. \\{\"host\":\"HOST_\\d+\"}\\\\HOST_\\d+");
  }

  /** Placeholders side by side would be one word, which nobody finds again. */
  @Example
  void whatFollowsANameAtOnceIsKeptApart() {
    for (String text : List.of("a.b@example.orgedge-::1", "a@b_edge", "a.b@example.org-10.1.2.3")) {
      Masking masking = masking();
      assertThat(masking.unmask(masking.mask(text))).isEqualTo(text);
    }
  }

  @Example
  void theSameNameHasTheSamePlaceholderAndLinksKeepTheirForm() {
    Masking masking = masking();
    assertThat(masking.mask("edge->node1 at 10.0.0.1, job fashion-mnist; edge at 05:47:32"))
        .isEqualTo("NODE_1->NODE_2 at ADDRESS_3, job JOB_4; NODE_1 at 05:47:32");
    assertThat(masking.unmask("{\"component\": \"NODE_1->NODE_2\", \"x\": \"NODE_99\"}"))
        .isEqualTo("{\"component\": \"edge->node1\", \"x\": \"NODE_99\"}");
  }
}
