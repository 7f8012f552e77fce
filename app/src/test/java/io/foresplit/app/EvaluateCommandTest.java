package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class EvaluateCommandTest {
  @TempDir Path folder;

  private record Said(int exit, String out, String error) {}

  private Said evaluate(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter error = new StringWriter();
    CommandLine line =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(error));
    List<String> all = new ArrayList<>(List.of("evaluate"));
    all.addAll(List.of(arguments));
    int exit = line.execute(all.toArray(String[]::new));
    return new Said(exit, out.toString(), error.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "--runtime real --strategies none;oracle, the real runtime has none and proactive; was oracle",
    "--runtime virtual, --runtime must be simulated or real; was 'virtual'",
    "--runtime real --mutant careless, the service on the real runtime is the real one"
  })
  void whatTheRealRuntimeDoesNotHaveIsToldInOneLine(String arguments, String message) {
    Said said = evaluate(arguments.replace(';', ',').split(" "));
    assertThat(said.exit()).isEqualTo(Main.USAGE);
    assertThat(said.error().lines().findFirst().orElseThrow()).contains(message.replace(';', ','));
  }

  @Test
  void aScenarioThatProcessesCannotRunIsToldBeforeAnyIsRun() throws Exception {
    Said written = evaluate("--suite", "quick", "--write", folder.toString());
    assertThat(written.exit()).isZero();
    Path leak;
    try (var files = Files.list(folder.resolve("seed-1"))) {
      leak =
          files.filter(file -> file.toString().contains("memory-leak")).findFirst().orElseThrow();
    }
    Said said =
        evaluate("--runtime", "real", "--scenario", leak.toString(), "--report", "" + folder);
    assertThat(said.exit()).isEqualTo(Main.FAILURE);
    assertThat(said.error())
        .contains("cannot run on the real runtime: ")
        .contains("no process can do memory-leak on")
        .hasLineCount(1);
  }

  @Test
  void theRealSuiteIsWrittenAsFilesToo() {
    Said said = evaluate("--runtime", "real", "--suite", "standard", "--write", folder.toString());
    assertThat(said.exit()).isZero();
    assertThat(said.out()).contains("48 scenarios written");
  }
}
