package io.foresplit.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.app.bench.ModelsBench.Recipe;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ModelsCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new BenchCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void aFewStepsOfTheTransformerGiveARowAndAReport() throws IOException {
    Path report = folder.resolve("models.json");

    int code =
        run(
            "models",
            "transformer",
            "--steps",
            "6",
            "--held-out",
            "8",
            "--report",
            report.toString());

    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    assertThat(out.toString().lines()).hasSize(3);
    assertThat(out.toString())
        .contains("| transformer | drawn text (made by the program) | 216,673 |");
    JsonNode outcome = new ObjectMapper().readTree(report.toFile()).get(0);
    assertThat(outcome.get("model").asText()).isEqualTo("transformer");
    assertThat(outcome.get("steps").asInt()).isEqualTo(6);
    assertThat(outcome.get("heldOutLoss").asDouble())
        .isPositive()
        .isLessThan(outcome.get("firstHeldOutLoss").asDouble());
    assertThat(outcome.get("heldOutAccuracy").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void wrongUsageIsRefused() {
    assertThat(run("models", "gpt")).isEqualTo(2);
    assertThat(err.toString()).contains("MODEL must be one of [mlp, lenet,").contains("was 'gpt'");
    assertThat(run("models", "--steps", "0")).isEqualTo(2);
  }

  @Test
  void everyRecipeIsOfAModelThereIs() {
    for (Recipe recipe : ModelsBench.recipes()) {
      assertThat(ModelDefinition.named(recipe.model()).layers()).isNotEmpty();
    }
  }
}
