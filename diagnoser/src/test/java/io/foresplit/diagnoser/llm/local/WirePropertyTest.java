package io.foresplit.diagnoser.llm.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class WirePropertyTest {
  @Property(tries = 200)
  void repliesComeThroughWhateverIsPrintedBeforeThem(
      @ForAll @Size(max = 6) List<@StringLength(max = 40) String> texts,
      @ForAll @Size(max = 6)
          List<
                  @AlphaChars @NumericChars @Chars({'\n', ' ', '{', '"', 'ü'})
                  @StringLength(max = 40) String>
              noise)
      throws IOException {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    List<Reply> said = new ArrayList<>();
    for (int i = 0; i < Math.max(texts.size(), noise.size()); i++) {
      if (i < noise.size()) {
        printed.writeBytes(noise.get(i).getBytes(StandardCharsets.UTF_8));
      }
      if (i < texts.size()) {
        Reply reply = Reply.piece(i, wellFormed(texts.get(i)));
        printed.writeBytes(Wire.encode(reply));
        said.add(reply);
      }
    }

    MarkedLines lines = new MarkedLines(new ByteArrayInputStream(printed.toByteArray()));
    List<Reply> heard = new ArrayList<>();
    for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
      heard.add(Wire.reply(line.get()));
    }

    assertThat(heard).isEqualTo(said);
  }

  @Property(tries = 200)
  void questionsComeThrough(
      @ForAll @StringLength(max = 60) String text, @ForAll int id, @ForAll double degree)
      throws IOException {
    double temperature = Double.isFinite(degree) ? degree : 0;
    Question question =
        new Question(
            id,
            List.of(new Question.Turn("user", wellFormed(text))),
            9,
            temperature,
            Optional.of("{\"type\":\"object\"}"),
            List.of("\n\n"));
    String line = new String(Wire.encode(question), StandardCharsets.UTF_8);

    assertThat(line).endsWith("\n").hasLineCount(1);
    assertThat(Wire.order(line).question()).contains(question);
  }

  /** Without halves of surrogate pairs, which no UTF-8 can say. */
  private static String wellFormed(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
