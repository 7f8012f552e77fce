package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void everyCommandHasADescriptionAndAnExample() {
    CommandLine main = Main.commandLine();
    main.getSubcommands().values().stream()
        .filter(command -> !command.getCommandName().equals("help"))
        .forEach(
            command -> {
              String usage = command.getUsageMessage();
              assertThat(command.getCommandSpec().usageMessage().description())
                  .as(usage)
                  .isNotEmpty();
              assertThat(Arrays.asList(command.getCommandSpec().usageMessage().footer()))
                  .as(usage)
                  .anyMatch(line -> line.startsWith("Example: foresplit "));
            });
    assertThat(main.getUsageMessage()).contains("Example: ").contains("serve").contains("demo");
  }

  @Test
  void wrongUsageIsOneLineAndCode2() {
    assertThat(run("serve", "--port", "many")).isEqualTo(2);
    assertThat(err.toString().lines().findFirst().orElseThrow()).startsWith("foresplit: ");
    assertThat(run("no-such-command")).isEqualTo(2);
    assertThat(err.toString()).doesNotContain("\tat ");
  }

  @Test
  void aFailureIsClearAndCode1() {
    assertThat(run("serve", "--config", "no-such.yaml")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("foresplit: the configuration file no-such.yaml does not exist")
        .doesNotContain("\tat ");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void everyWrongKeyIsListed(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("f.yaml"), "htpp: {}\nhttp: {port: x, prt: 1}\n");
    assertThat(run("serve", "--config", file.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("http.port").contains("did you mean http.port?");
  }

  @Test
  void beyondLoopbackANodeNeedsTlsAndAToken() {
    assertThat(run("node", "--id", "edge", "--coordinator", "127.0.0.1:1", "--host", "192.0.2.1"))
        .isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo(
            "foresplit: host 192.0.2.1 is beyond loopback, where TLS and a join token are"
                + " required: give --tls-ca, --tls-cert, --tls-key and --token-file, or --host"
                + " 127.0.0.1\n");
  }

  @Test
  void whatProvesANodeIsCheckedBeforeAnythingElse(@TempDir Path folder) {
    Path missing = folder.resolve("token");
    assertThat(
            run(
                "node",
                "--id",
                "edge",
                "--coordinator",
                "127.0.0.1:1",
                "--token-file",
                missing.toString()))
        .isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo(
            "foresplit: join token file " + missing + " cannot be read: it does not exist\n");
  }

  @Test
  void verboseShowsTheStackTrace() {
    assertThat(run("serve", "--verbose", "--config", "no-such.yaml")).isEqualTo(1);
    assertThat(err.toString()).contains("\tat ");
  }
}
