package io.foresplit.app.bench.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DataCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new DataCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  /** A chain of five layers, the first of which takes the data. */
  private void profile() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      text.append(
          "node%d -- %s -- forward_compute_time=%d.0, backward_compute_time=2.0, activation_size=%d.0, parameter_size=4.0%n"
              .formatted(i, i == 0 ? "Input0" : "op", i, 1_000_000 / (i + 1)));
    }
    for (int i = 0; i < 5; i++) {
      text.append("\tnode%d -- node%d%n".formatted(i, i + 1));
    }
    Files.createDirectories(folder.resolve("pipedream"));
    Files.writeString(folder.resolve("pipedream/tiny.graph.txt"), text);
  }

  @Test
  void planningGivesATableAndAReport() throws IOException {
    profile();
    Path report = folder.resolve("report.json");

    int code =
        run(
            "--data",
            folder.toString(),
            "--only",
            "planning",
            "--networks",
            "5",
            "--report",
            report.toString());

    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    assertThat(out.toString()).contains("| brute-force ", "| foresplit ", "| best-static ");
    JsonNode planning = new ObjectMapper().readTree(report.toFile()).get("planning");
    assertThat(planning.get("foresplit").get("ratioMedian").asDouble()).isEqualTo(1);
    assertThat(planning.get("random").get("ratioWorst").asDouble()).isGreaterThan(1);
  }

  @Test
  void missingDataIsSaidInOneLine() {
    assertThat(run("--data", folder.toString(), "--only", "detection")).isEqualTo(2);
    assertThat(err.toString().lines().findFirst().orElseThrow())
        .contains("combined_windows.json: expected a readable file, there is none");
  }

  @Test
  void anUnknownTaskIsRefused() {
    assertThat(run("--data", folder.toString(), "--only", "weather")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "--only must be one of detection, root-cause, shop, forecast, planning, telemetry,"
                + " was 'weather'");
  }
}
