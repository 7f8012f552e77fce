package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.metrics.ServiceMetrics;
import io.foresplit.contract.Cause;
import io.foresplit.diagnoser.library.Runbook;
import io.foresplit.diagnoser.library.Runbooks;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

@Timeout(300)
class RunbookCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @ParameterizedTest
  @EnumSource
  void printsTheRunbookOfACause(Cause cause) {
    assertThat(run("runbook", cause.label())).isZero();
    assertThat(out.toString()).startsWith("# ").contains("\n## What Foresplit does\n");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aFoldersRunbookStandsBesideTheProgramsOwn(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("uplink-fade.md"), "# Mast\nTurn the antenna.\n");
    Files.writeString(folder.resolve("bad.md"), "nothing");
    assertThat(run("runbook", "Uplink_Fade", "--folder", folder.toString())).isZero();
    assertThat(out.toString())
        .startsWith("# Uplink fade\n")
        .contains("\n---- runbook:" + folder.getFileName() + "/uplink-fade\n\n# Mast\nTurn the");
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("foresplit: note: runbook " + folder.resolve("bad.md") + " is not Markdown");
  }

  @Test
  void showsThePassagesThatFitBest(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("coffee.md"), "# Coffee machine\nDescale the boiler when it is slow.\n");
    assertThat(run("runbook", "--search", "descale a coffee boiler", "--folder", folder.toString()))
        .isZero();
    assertThat(out.toString()).startsWith("Coffee machine  (runbook:");
    assertThat(
            Pattern.compile("\\(runbook:\\S+, [01]\\.\\d\\d\\)").matcher(out.toString()).results())
        .hasSize(3);
  }

  @Test
  void wrongUsageIsOneLineAndCode2(@TempDir Path folder) {
    assertThat(run("runbook")).isEqualTo(2);
    assertThat(run("runbook", "label-drift", "--search", "x")).isEqualTo(2);
    assertThat(run("runbook", "bad-luck")).isEqualTo(2);
    assertThat(run("runbook", "--search", "x", "--most", "0")).isEqualTo(2);
    assertThat(run("runbook", "label-drift", "--folder", folder.resolve("no").toString()))
        .isEqualTo(2);
    List<String> problems = err.toString().lines().filter(l -> l.startsWith("foresplit:")).toList();
    assertThat(problems).hasSize(5);
    assertThat(problems.get(0))
        .contains("give either --search TEXT, or one of")
        .contains("node-loss");
    assertThat(problems.get(2)).contains("no runbook about 'bad-luck'; there are");
    assertThat(problems.get(3)).endsWith("--most: expected a number from 1 to 100, was 0");
    assertThat(problems.get(4)).contains("--folder: no folder " + folder.resolve("no"));
    assertThat(out.toString()).isEmpty();
  }

  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult result) -> result.group(1))
        .collect(Collectors.toSet());
  }

  /** What a runbook tells an engineer to type or to look at must be there. */
  @Test
  void runbooksNameMetricsAndCommandsThatExist() {
    PrometheusRegistry registry = new PrometheusRegistry();
    ServiceMetrics unused = new ServiceMetrics(registry);
    Set<String> metrics =
        registry.scrape().stream()
            .map(snapshot -> snapshot.getMetadata().getPrometheusName())
            .collect(Collectors.toSet());
    CommandLine main = Main.commandLine();
    Runbooks runbooks = Runbooks.bundled();
    for (String subject : runbooks.subjects()) {
      for (Runbook runbook : runbooks.about(subject)) {
        assertThat(metrics)
            .as(subject)
            .containsAll(found("(foresplit_[a-z_]+)", runbook.markdown()));
        for (String line : found("`foresplit ([a-z][^`]*)`", runbook.markdown())) {
          List<String> words = Arrays.asList(line.split("\\s+"));
          assertThat(main.getSubcommands()).as(line).containsKey(words.get(0));
          CommandLine command = main.getSubcommands().get(words.get(0));
          words.stream()
              .filter(word -> word.startsWith("--"))
              .forEach(
                  option ->
                      assertThat(command.getCommandSpec().findOption(option)).as(line).isNotNull());
        }
      }
    }
  }
}
