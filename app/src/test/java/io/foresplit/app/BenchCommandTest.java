package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {
  private final StringWriter error = new StringWriter();

  @TempDir Path folder;

  @Test
  void aWrongCompressionIsToldInOneLine() {
    assertThat(run("bench", "compression", "0:6")).isEqualTo(Main.USAGE);
    assertThat(error.toString())
        .startsWith("foresplit: compression keep must be in (0, 1], was 0.0");
    assertThat(run("bench", "compression", "much")).isEqualTo(Main.USAGE);
    assertThat(error.toString()).contains("expected KEEP:BITS such as 0.2:6, was 'much'");
    assertThat(run("bench", "compression", "--steps", "0")).isEqualTo(Main.USAGE);
  }

  @Test
  void aDatasetThatIsNotThereIsToldInOneLine() {
    assertThat(run("bench", "compression", "--dataset", folder.toString())).isEqualTo(Main.FAILURE);
    assertThat(error.toString().lines())
        .singleElement()
        .asString()
        .startsWith("foresplit: dataset folder " + folder + " has no train-images");
  }

  private int run(String... arguments) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setErr(new PrintWriter(error, true));
    return commandLine.execute(arguments);
  }
}
