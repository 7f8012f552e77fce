package io.foresplit.forecaster.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.forecaster.KindFeatures;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KindModelTest {
  private static final String RATE = "condition.link-rate.most";
  private static final String LOSS = "learning.level";
  private static final SortedMap<String, String> ORIGIN =
      new TreeMap<>(java.util.Map.of("suite", "drawn", "seeds", "1"));

  @TempDir Path folder;

  private static KindFeatures features(double rate, double loss, Random random) {
    SortedMap<String, Double> values = new TreeMap<>();
    KindFeatures.NAMES.forEach(name -> values.put(name, 0.3 * random.nextGaussian()));
    values.merge(RATE, rate, Double::sum);
    values.merge(LOSS, loss, Double::sum);
    return new KindFeatures(values);
  }

  private static KindModel trained() {
    Random random = new Random(7);
    List<KindTrainer.Example> examples = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      boolean fade = i % 3 > 0;
      examples.add(
          new KindTrainer.Example(
              fade ? DegradationKind.COMMUNICATION : DegradationKind.MODEL_DRIFT,
              features(fade ? 3 : 0, fade ? 0 : 3, random)));
    }
    return KindTrainer.train(examples, ORIGIN);
  }

  @Test
  void whatIsClearIsNamedAndWhatIsNotIsLeftOpen() {
    KindModel model = trained();
    Random random = new Random(8);
    assertThat(model.kinds())
        .containsExactly(DegradationKind.COMMUNICATION, DegradationKind.MODEL_DRIFT);
    for (int i = 0; i < 20; i++) {
      Degradation fade = model.classify(features(3, 0, random));
      assertThat(fade.kind()).isEqualTo(DegradationKind.COMMUNICATION);
      assertThat(fade.probability()).isBetween(KindModel.LEAST_PROBABILITY, 1.0);
      assertThat(fade.source()).isEqualTo(model.version()).startsWith("kinds/");
      assertThat(model.classify(features(0, 3, random)).kind())
          .isEqualTo(DegradationKind.MODEL_DRIFT);
    }
    double certain = model.classify(even(3, 0)).probability();
    double low = 0;
    double high = 3;
    while (high - low > 1e-6) { // both kinds are as likely somewhere between
      double middle = (low + high) / 2;
      boolean fade =
          model.classify(even(3 - middle, middle)).kind().equals(DegradationKind.COMMUNICATION);
      low = fade ? middle : low;
      high = fade ? high : middle;
    }
    Degradation doubtful = model.classify(even(3 - high, high));
    assertThat(doubtful.kind()).isEqualTo(DegradationKind.UNKNOWN);
    assertThat(doubtful.probability()).isLessThan(KindModel.LEAST_PROBABILITY).isPositive();
    assertThat(certain).isGreaterThan(0.9);
  }

  private static KindFeatures even(double rate, double loss) {
    SortedMap<String, Double> values = new TreeMap<>();
    KindFeatures.NAMES.forEach(name -> values.put(name, 0.0));
    values.put(RATE, rate);
    values.put(LOSS, loss);
    return new KindFeatures(values);
  }

  @Test
  void theSameExamplesGiveTheSameBytesThatSayWhatTheyAreOf() throws Exception {
    KindModel model = trained();
    assertThat(trained().bytes()).isEqualTo(model.bytes());
    assertThat(model.origin()).containsAllEntriesOf(ORIGIN);
    Path file = folder.resolve("kinds.tribuo");
    Files.write(file, model.bytes());
    KindModel read = KindModel.load(file);
    assertThat(read.version()).isEqualTo(model.version());
    assertThat(read.classify(even(2, 0.5))).isEqualTo(model.classify(even(2, 0.5)));
    String text = new String(model.bytes(), StandardCharsets.ISO_8859_1);
    assertThat(text).contains("1970-01-01").doesNotContain("202");
  }

  @Test
  void theBuiltInModelKnowsAllKindsAndWhereItIsFrom() {
    KindModel model = KindModel.bundled();
    assertThat(model.kinds())
        .containsExactlyElementsOf(
            Arrays.stream(DegradationKind.values())
                .filter(kind -> kind != DegradationKind.UNKNOWN)
                .toList());
    assertThat(model.origin()).containsEntry("suite", "training").containsKeys("seeds", "features");
    assertThat(model.bytes().length).isLessThan(100_000);
  }

  @Test
  void aFileThatIsNoneIsRefusedInOneLine() throws Exception {
    byte[] whole = trained().bytes();
    refused("nonsense".getBytes(StandardCharsets.UTF_8), "is no model of Tribuo");
    refused(Arrays.copyOf(whole, whole.length / 2), "is no model of Tribuo");
    refused(new byte[0], "expected a linear classifier, was ''");
    refused(new byte[2 << 20], "expected at most 1048576 bytes");
    byte[] renamed =
        new String(whole, StandardCharsets.ISO_8859_1)
            .replace(RATE, "condition.link-fate.most")
            .getBytes(StandardCharsets.ISO_8859_1);
    refused(renamed, "from the features of this version, has condition.link-fate.most");
    assertThatThrownBy(() -> KindModel.load(folder.resolve("none")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("there is no such file");
  }

  private void refused(byte[] bytes, String reason) throws Exception {
    Path file = folder.resolve("file");
    Files.write(file, bytes);
    assertThatThrownBy(() -> KindModel.load(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }
}
