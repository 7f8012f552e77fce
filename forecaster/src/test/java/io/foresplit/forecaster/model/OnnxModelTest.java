package io.foresplit.forecaster.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.forecaster.model.OnnxModel.Options;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxModelTest {
  private static final String SEE = "; docs/forecasting-model.md says what a model file must be";

  private static String refused(Path file) {
    ModelFileException refusal =
        catchThrowableOfType(ModelFileException.class, () -> OnnxModel.load(file, Options.DEFAULT));
    assertThat(refusal).as(file.toString()).isNotNull();
    assertThat(refusal.getMessage()).startsWith(file + ": ").hasLineCount(1);
    return refusal.getMessage().substring((file + ": ").length());
  }

  @Test
  void aModelThatIsAsItShouldBeSaysItsHorizonAndVersion() {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      assertThat(model.horizon()).isEqualTo(ModelFiles.HORIZON);
      assertThat(model.version()).isEqualTo("test-1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-version", "odd-version"})
  void withoutAVersionOfItsOwnAModelIsNamedByItsChecksum(String name) {
    try (OnnxModel model = ModelFiles.load(name);
        OnnxModel again = ModelFiles.load(name)) {
      assertThat(model.version()).matches("[0-9a-f]{8}").isEqualTo(again.version());
    }
  }

  @Test
  void aHorizonThatIsNotDeclaredIsFoundByRunning() {
    try (OnnxModel model = ModelFiles.load("symbolic-horizon")) {
      assertThat(model.horizon()).isEqualTo(ModelFiles.HORIZON);
    }
  }

  @Test
  void anOpenLengthIsFedInMultiplesOf16UpToTheContext() throws IOException {
    try (OnnxModel model = OnnxModel.load(ModelFiles.file("last-value"), new Options(256, 1))) {
      assertThat(List.of(1, 64, 65, 80, 81, 256, 1000).stream().map(model::length))
          .containsExactly(64, 64, 80, 80, 96, 256, 256);
      assertThat(model.longest()).isEqualTo(256);
    }
  }

  @Test
  void aFixedLengthAndAFixedBatchAreKept() throws Exception {
    try (OnnxModel length = ModelFiles.load("fixed-length");
        OnnxModel batch = ModelFiles.load("fixed-batch")) {
      assertThat(length.length(70)).isEqualTo(128);
      assertThat(length.longest()).isEqualTo(128);
      assertThat(batch.mostBatch()).isEqualTo(4);
      double[] window = new double[70];
      Arrays.fill(window, 3);
      for (OnnxModel model : List.of(length, batch)) {
        List<double[][]> said = model.run(List.of(window, window), model.length(70));
        assertThat(said).hasSize(2);
        assertThat(said.get(1)[4]).hasSize(ModelFiles.HORIZON).containsOnly(3);
        assertThat(said.get(1)[8][0]).isCloseTo(3.4, within(1e-6));
      }
    }
  }

  @Test
  void moreThreadsSayTheSame() throws Exception {
    double[] window = new double[128];
    Arrays.setAll(window, i -> Math.sin(i));
    try (OnnxModel one = ModelFiles.load("last-value");
        OnnxModel two = OnnxModel.load(ModelFiles.file("last-value"), new Options(512, 2))) {
      assertThat(two.run(List.of(window), 128).get(0))
          .isDeepEqualTo(one.run(List.of(window), 128).get(0));
    }
  }

  @Test
  void closingWaitsForARunAndLaterOnesAreRefused() throws Exception {
    OnnxModel model = ModelFiles.load("last-value");
    double[] window = new double[128];
    CountDownLatch runs = new CountDownLatch(100);
    CompletableFuture<Throwable> ended =
        CompletableFuture.supplyAsync(
            () ->
                catchThrowable(
                    () -> {
                      while (true) {
                        model.run(List.of(window), 128);
                        runs.countDown();
                      }
                    }));
    runs.await();
    model.close();
    assertThat(ended.get(60, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "input-name | expected the one input context of float[batch, length],"
            + " was series of float[batch, length]",
        "input-type | expected the one input context of float[batch, length],"
            + " was context of double[batch, length]",
        "input-rank | expected the one input context of float[batch, length],"
            + " was context of float[batch, length, 1]",
        "two-inputs | expected the one input context of float[batch, length],"
            + " was context of float[batch, length] and more of float[batch, 1]",
        "short-length | expected a length of 64 to 8192 or any, was 32",
        "empty-batch | expected a batch of 1 to 256 or any, was 0",
        "output-name | expected an output quantiles of float[batch, 9, horizon],"
            + " was forecast of float[batch, 9, 16]",
        "output-type | expected an output quantiles of float[batch, 9, horizon],"
            + " was quantiles of double[batch, 9, 16]",
        "output-rank | expected an output quantiles of float[batch, 9, horizon],"
            + " was quantiles of float[batch, 1]",
        "seven-quantiles | expected an output quantiles of float[batch, 9, horizon],"
            + " was quantiles of float[batch, 7, 16]",
        "seven-hidden | fails with a context of float[2, 64]"
            + " (expected quantiles of float[2, 9, horizon], was float[2, 7, 16])",
        "nan-for-gaps | expected finite quantiles for windows in which values are missing (NaN),"
            + " was not",
      })
  void aWrongModelIsRefusedInOneLine(String name, String problem) {
    assertThat(refused(ModelFiles.file(name))).isEqualTo(problem + SEE);
  }

  @Test
  void aModelThatFailsWhenItIsTriedIsRefused() {
    assertThat(refused(ModelFiles.file("two-rows-only")))
        .startsWith("fails with a context of float[3, 512] (Non-zero status code returned while")
        .endsWith(")" + SEE);
  }

  @Test
  void whatIsNoModelIsRefused(@TempDir Path folder) throws IOException {
    assertThat(refused(folder.resolve("none.onnx")))
        .isEqualTo("does not exist; give the path of an ONNX file");
    assertThat(refused(folder)).isEqualTo("is a folder; give the path of an ONNX file");
    Path text = Files.writeString(folder.resolve("text.onnx"), "no model\nat all");
    Path empty = Files.createFile(folder.resolve("empty.onnx"));
    byte[] whole = Files.readAllBytes(ModelFiles.file("last-value"));
    Path half = Files.write(folder.resolve("half.onnx"), Arrays.copyOf(whole, whole.length / 2));
    for (Path file : List.of(text, empty, half)) {
      assertThat(refused(file))
          .startsWith("is no ONNX model that can be loaded (")
          .endsWith(")" + SEE);
    }
  }

  @Test
  void theBundledModelIsThereOrTheLineSaysWhatToDo() throws IOException {
    try (InputStream there =
        OnnxModel.class.getResourceAsStream("/io/foresplit/forecaster/model/forecaster.onnx")) {
      if (there == null) {
        ModelFileException refusal =
            catchThrowableOfType(
                ModelFileException.class, () -> OnnxModel.bundled(Options.DEFAULT));
        assertThat(refusal)
            .hasMessage(
                "the bundled model /io/foresplit/forecaster/model/forecaster.onnx: is not in this"
                    + " build; set forecaster.model to the path of an ONNX file");
      } else {
        try (OnnxModel model = OnnxModel.bundled(Options.DEFAULT)) {
          assertThat(model.horizon()).isPositive();
        }
      }
    }
  }

  @Test
  void optionsHaveBounds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Options(500, 1))
        .withMessage("context must be a multiple of 16 from 64 to 8192, was 500");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Options(512, 0))
        .withMessage("threads must be from 1 to 64, was 0");
  }
}
