package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.forecaster.model.KindModel;
import io.foresplit.forecaster.model.WindowRegression;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A training in small, and what it wrote judged on jobs it has not seen. */
class KindCommandsTest {
  @TempDir Path folder;

  private record Said(int exit, String out, String error) {}

  private static Said run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter error = new StringWriter();
    CommandLine line =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(error));
    return new Said(line.execute(arguments), out.toString(), error.toString());
  }

  @Test
  void aModelIsTrainedOnTheTrainingSuiteAndJudgedOnAnother() throws Exception {
    Path file = folder.resolve("kinds.tribuo");
    Said trained =
        run("train", "kinds", "--out", file.toString(), "--seeds", "2", "--per-seed", "5");
    assertThat(trained.error()).isEmpty();
    assertThat(trained.exit()).isZero();
    assertThat(trained.out()).contains("each seed judged by a model of the others");
    KindModel model = KindModel.load(file);
    assertThat(model.origin())
        .containsEntry("suite", "training")
        .containsEntry("seeds", "1 to 2")
        .containsKey("program");

    Said judged =
        run("bench", "kinds", "--model", file.toString(), "--seeds", "1", "--per-seed", "3");
    assertThat(judged.error()).isEmpty();
    assertThat(judged.exit()).isZero();
    assertThat(judged.out())
        .contains("kind by " + model.version())
        .contains("communication")
        .contains("kind of the first cause of the diagnosis");
  }

  @Test
  void causesOfLearningAreTrainedAndDiagnosesJudged() throws Exception {
    Path file = folder.resolve("causes.json");
    Said trained =
        run("train", "causes", "--out", file.toString(), "--seeds", "2", "--per-seed", "8");
    assertThat(trained.error()).isEmpty();
    assertThat(trained.exit()).isZero();
    assertThat(trained.out()).contains("each seed judged by a model of the others");
    assertThat(file).content().contains("\"suite\" : \"training\"", "\"seeds\" : \"1 to 2\"");

    Said judged = run("bench", "diagnoses", "--seeds", "1", "--per-seed", "4", "--wrong");
    assertThat(judged.error()).isEmpty();
    assertThat(judged.exit()).isZero();
    assertThat(judged.out())
        .contains("one fault", "component, cause -30 s", "two faults, both among the first 3")
        .contains("share that is right");
  }

  @Test
  void aRegressionIsTrainedOnSimulatedTelemetry() throws Exception {
    Path file = folder.resolve("regression.tribuo");
    Said trained =
        run("train", "regression", "--out", file.toString(), "--seeds", "1", "--per-seed", "2");
    assertThat(trained.error()).isEmpty();
    assertThat(trained.exit()).isZero();
    WindowRegression model = WindowRegression.load(file);
    assertThat(trained.out()).contains(model.name() + " written to");
    assertThat(model.origin()).containsEntry("suite", "training").containsEntry("seeds", "1 to 1");
  }

  @Test
  void wrongUseIsToldInOneLine() throws Exception {
    Files.writeString(folder.resolve("text"), "nonsense");
    wrong("--out must be a file", "train", "kinds", "--out", folder.toString());
    wrong(
        "--seeds must be between 2 and 1000, was 1",
        "train",
        "kinds",
        "--seeds",
        "1",
        "--out",
        folder.resolve("kinds").toString());
    wrong("is no model of Tribuo", "bench", "kinds", "--model", folder.resolve("text").toString());
    wrong("suite must be one of", "bench", "kinds", "--suite", "none");
    wrong("suite must be one of", "bench", "diagnoses", "--suite", "none");
    wrong("--out must be a file", "train", "causes", "--out", folder.toString());
    wrong("--per-seed must be at least 1, was 0", "bench", "kinds", "--per-seed", "0");
  }

  private static void wrong(String message, String... arguments) {
    Said said = run(arguments);
    assertThat(said.exit()).isEqualTo(Main.USAGE);
    assertThat(said.error().lines().findFirst().orElseThrow()).contains(message);
  }
}
