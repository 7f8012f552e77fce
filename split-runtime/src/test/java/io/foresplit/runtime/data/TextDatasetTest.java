package io.foresplit.runtime.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextDatasetTest {
  private static final ModelDefinition TRANSFORMER = ModelDefinition.named("transformer");

  @TempDir Path folder;

  private static String decode(Tensor batch, int sample, int positions) {
    byte[] symbols = new byte[positions];
    for (int i = 0; i < positions; i++) {
      symbols[i] = (byte) batch.data()[sample * positions + i];
    }
    return Characters.decode(symbols);
  }

  @Test
  void aLabelIsTheNextCharacter() {
    String text = "The quick brown fox jumps over the lazy dog.\n";
    TextDataset data = TextDataset.of("fox", text, 8);
    int[] indices = {1, 0};
    Tensor batch = data.batch(indices);
    int[] labels = data.labels(indices);

    assertThat(data.size()).isEqualTo(3);
    assertThat(batch.shape()).containsExactly(2, 8);
    assertThat(decode(batch, 1, 8)).isEqualTo("The quic");
    assertThat(decode(batch, 0, 8)).isEqualTo(text.substring(16, 24));
    byte[] next = new byte[16];
    for (int i = 0; i < 16; i++) {
      next[i] = (byte) labels[i];
    }
    assertThat(Characters.decode(next)).isEqualTo(text.substring(17, 25) + "he quick");
    assertThatThrownBy(() -> data.batch(new int[] {3}))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void everyCharacterHasASymbol() {
    StringBuilder all = new StringBuilder("\n");
    for (char c = ' '; c <= '~'; c++) {
      all.append(c);
    }
    byte[] symbols = Characters.encode(all);
    assertThat(symbols).doesNotHaveDuplicates();
    assertThat(Characters.decode(symbols)).isEqualTo(all.toString());
    assertThat(Characters.decode(Characters.encode("é\t\u4e2d!"))).isEqualTo("???!");
    for (byte symbol : Characters.encode("\u0000\uffff~")) {
      assertThat((int) symbol).isBetween(0, Characters.SYMBOLS - 1);
    }
  }

  @Test
  void theLastTenthOfAFileIsHeldOut() throws IOException {
    Path file = folder.resolve("text.txt");
    Files.writeString(file, "a".repeat(9_000) + "b".repeat(1_000));
    Dataset trained = Datasets.open(TRANSFORMER, Optional.of(file), 1);
    Dataset unseen = Datasets.openHeldOut(TRANSFORMER, Optional.of(file), 1);

    int[] last = {trained.size() - 1};
    assertThat(trained.labels(last)).containsOnly('a' - ' ');
    assertThat(unseen.labels(new int[] {0, unseen.size() - 1})).containsOnly('b' - ' ');
    assertThat(trained.size()).isEqualTo((9_000 - 65) / 16 + 1);
    assertThat(trained.classes()).isEqualTo(TRANSFORMER.classes());
  }

  @Test
  void whatIsNoTextIsRefusedInOneLine() throws IOException {
    Path file = folder.resolve("text.txt");
    refused(file, "must be a readable text file");
    refused(folder, "must be a readable text file");
    Files.write(file, new byte[] {'a', (byte) 0xff, 'b'});
    refused(file, "must be text in UTF-8");
    Files.writeString(file, "too short");
    refused(file, "needs at least 81 characters for windows of 64, was 9");
    ModelDefinition lenet = ModelDefinition.named("lenet");
    assertThatThrownBy(() -> Datasets.open(lenet, Optional.of(file), 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageNotContaining("\n");
  }

  private static void refused(Path path, String part) {
    assertThatThrownBy(() -> Datasets.open(TRANSFORMER, Optional.of(path), 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(part)
        .hasMessageContaining(path.toString())
        .hasMessageNotContaining("\n");
  }

  @Test
  void drawnTextIsAFunctionOfSeedAndStream() {
    DrawnText.Text text = new DrawnText(4).text(0, 5_000);
    assertThat(new DrawnText(4).text(0, 5_000)).isEqualTo(text);
    assertThat(new DrawnText(4).text(0, 9_000).characters()).startsWith(text.characters());
    assertThat(new DrawnText(4).text(1, 5_000)).isNotEqualTo(text);
    assertThat(new DrawnText(5).text(0, 5_000)).isNotEqualTo(text);
    assertThat(text.characters()).endsWith(".\n").hasSizeGreaterThanOrEqualTo(5_000);
  }

  @Test
  void verbsOfDrawnTextAgreeWithTheirSubject() {
    Pattern sentence =
        Pattern.compile(
            "(a|the)( slow| small| old| busy)? (\\w+?)(s?)( that (\\w+) (a|the)( \\w+)? \\w+)?"
                + " (\\w+) (a|the) .*\\.");
    int clauses = 0;
    for (String line : new DrawnText(9).text(0, 20_000).characters().lines().toList()) {
      Matcher found = sentence.matcher(line);
      assertThat(found.matches()).as(line).isTrue();
      boolean plural = found.group(1).equals("the");
      assertThat(found.group(4)).as(line).isEqualTo(plural ? "s" : "");
      assertThat(found.group(9).endsWith("s")).as(line).isEqualTo(!plural);
      clauses += found.group(5) == null ? 0 : 1;
    }
    assertThat(clauses).isPositive();
  }

  /** By the law of large numbers the mean surprise of two long streams is the same. */
  @Test
  void theSurpriseOfALanguageIsAPropertyOfTheLanguage() {
    DrawnText language = new DrawnText(2);
    double nats = language.text(0, 300_000).natsPerCharacter();
    assertThat(language.text(1, 300_000).natsPerCharacter()).isCloseTo(nats, within(0.01));
    assertThat(nats).isBetween(0.15, 0.6);
  }

  @Test
  void anEvaluationCountsWhatIsRight() {
    TextDataset data = TextDataset.of("ab", "ab".repeat(60), 8);
    // says with certainty that b follows a, and a follows everything
    Evaluation sure =
        Evaluation.of(
            batch -> {
              float[] logits = new float[batch.data().length * Characters.SYMBOLS];
              for (int i = 0; i < batch.data().length; i++) {
                int next = batch.data()[i] == 'a' - ' ' ? 'b' - ' ' : 'a' - ' ';
                logits[i * Characters.SYMBOLS + next] = 50;
              }
              return new Tensor(
                  logits, new long[] {batch.shape()[0], batch.shape()[1], Characters.SYMBOLS});
            },
            data,
            5,
            2);
    assertThat(sure.accuracy()).isEqualTo(1);
    assertThat(sure.loss()).isCloseTo(0, within(1e-9));
    Evaluation even =
        Evaluation.of(
            batch ->
                new Tensor(
                    new float[batch.data().length * 97], new long[] {batch.data().length, 97}),
            data,
            5,
            2);
    assertThat(even.loss()).isCloseTo(Math.log(97), within(1e-6));
    assertThat(even.accuracy()).isZero();
  }

  @Test
  void drawnImagesHaveTheFormOfTheModel() throws IOException {
    ModelDefinition colour = ModelDefinition.named("resnet18-rgb");
    Dataset images = Datasets.open(colour, Optional.empty(), 6);
    Tensor batch = images.batch(new int[] {0, 1});
    assertThat(batch.shape()).containsExactly(2, 3, 32, 32);
    float[] values = batch.data();
    assertThat(Arrays.copyOfRange(values, 0, 1024))
        .isNotEqualTo(Arrays.copyOfRange(values, 1024, 2048));
    Dataset unseen = Datasets.openHeldOut(colour, Optional.empty(), 6);
    assertThat(unseen.batch(new int[] {0, 1}).data()).isNotEqualTo(values);
  }
}
