package io.foresplit.app.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.config.HttpConfig;
import io.foresplit.app.http.ConsoleServer;
import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.SyntheticRun;
import io.foresplit.diagnoser.chat.Answerer;
import io.foresplit.diagnoser.chat.ChatEvent;
import io.foresplit.diagnoser.chat.IncidentChat;
import io.foresplit.runtime.plan.CutPlanner;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.charset.Charset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** {@code explain} and {@code chat}, as called, with a service in this JVM. */
@Timeout(60)
class ClientCommandsTest {
  private static final int FAILURE = 1;
  private static final int USAGE = 2;

  private final LiveView view = new LiveView();
  private final Answerer real = new IncidentChat(new CutPlanner());
  private final ConsoleServer server =
      new ConsoleServer(
          new HttpConfig("127.0.0.1", 0, List.of()),
          view,
          new PrometheusRegistry(),
          (facts, history, question, listener) -> {
            if (question.equals("hostile")) {
              listener.accept(new ChatEvent.Token("\u001b[2Jgone\u009b1m\r\u202e"));
              throw new IllegalStateException("as told to");
            }
            real.answer(facts, history, question, listener);
          });
  private final InputStream keyboard = System.in;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void stop() {
    System.setIn(keyboard);
    server.close();
  }

  private void play(int steps) {
    SyntheticRun run = new SyntheticRun(1_000_000);
    for (int step = 0; step <= steps; step++) {
      run.interval(step, view);
    }
  }

  private static void type(String lines) {
    System.setIn(new ByteArrayInputStream(lines.getBytes(Charset.defaultCharset())));
  }

  private int run(Object command, String... arguments) {
    return new CommandLine(command)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .setParameterExceptionHandler(
            (problem, all) -> {
              err.write(problem.getMessage());
              return USAGE;
            })
        .setExecutionExceptionHandler(
            (problem, line, all) -> {
              assertThat(problem).isInstanceOf(IOException.class);
              err.write(problem.getMessage());
              return FAILURE;
            })
        .execute(arguments);
  }

  private int explain(String incident) {
    return run(new ExplainCommand(), incident, "--server", "http://127.0.0.1:" + server.port());
  }

  private int chat(String... arguments) {
    String[] all = new String[arguments.length + 2];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--server";
    all[arguments.length + 1] = "http://127.0.0.1:" + server.port() + "/";
    return run(new ChatCommand(), all);
  }

  @Test
  void explainPrintsCauseEvidenceAndWhatWasTried() {
    play(SyntheticRun.RESOLVED);
    assertThat(explain("incident-1")).as(err.toString()).isZero();
    assertThat(out.toString().lines().map(String::stripTrailing))
        .containsSubsequence(
            "Incident incident-1 of job fashion-mnist: began about 1970-01-06 18:54:00 UTC, opened"
                + " 1970-01-06 18:54:12 UTC, resolved 1970-01-06 18:54:26 UTC",
            "Kind: communication, 97 %, by kinds/1a2b3c4d",
            "Causes, by statistics:",
            "   93 %  uplink-fade of device->edge [E1] [E3]",
            "    4 %  node-slowdown of edge [E2]",
            "Evidence:",
            "  E1   the rate of device->edge fell from 2.50 to 1.31 MB/s",
            "What was tried:",
            "  1970-01-06 18:54:14 UTC  move-layers, helped: device[0-1] edge[2-4] cloud[5-6] →"
                + " device[0-3] edge[4] cloud[5-6]",
            "    predicted: 152 ms → 83 ms a step; measured: 104 ms → 84 ms; training paused for"
                + " 312 ms",
            "    remark: as predicted");
  }

  @Test
  void explainSaysWhatIsNotThereYet() {
    play(SyntheticRun.OPENED);
    assertThat(explain("incident-1")).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("still open", "No diagnosis is recorded yet.", "What was tried:")
        .contains("  nothing");
  }

  @Test
  void chatAnswersLineByLineAboutTheNewestIncident() {
    play(SyntheticRun.RESOLVED);
    type("why?\n\n  what if we cut after layer 3?\nand after layer 2?\nEXIT\nnever asked\n");
    assertThat(chat()).as(err.toString()).isZero();
    assertThat(out.toString())
        .startsWith("About incident incident-1.")
        .containsSubsequence(
            "with a probability of 93 %, is that the uplink device->edge loses rate [E1] [E3]",
            "No language model takes part",
            "With device[0-3] edge[4] cloud[5-6]",
            "With device[0-2] edge[3-4] cloud[5-6]")
        .containsOnlyOnce("No language model")
        .doesNotContain("> ", "[look-up", "I do not know");
  }

  @Test
  void chatEndsWithItsInput() {
    play(SyntheticRun.RESOLVED);
    type("since when?");
    assertThat(chat("incident-1", "--look-ups")).as(err.toString()).isZero();
    type("where are the layers?");
    assertThat(chat("incident-1", "--look-ups")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("as estimated").contains("[look-up topology]");
  }

  @Test
  void whatATerminalWouldObeyIsNotPrinted() {
    play(SyntheticRun.RESOLVED);
    type("hostile\nwhy?\n");
    assertThat(chat("incident-1")).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains(" [2Jgone 1m  … the answer was broken off")
        .doesNotContain("\u001b", "\u009b", "\u202e")
        .contains("93 %");
  }

  @Test
  void whatIsNotThereIsOneLineAndCode1() throws IOException {
    assertThat(chat()).isEqualTo(FAILURE);
    assertThat(err.toString()).isEqualTo("the service knows no incident yet");
    err.getBuffer().setLength(0);
    play(SyntheticRun.RESOLVED);
    assertThat(explain("incident-9")).isEqualTo(FAILURE);
    assertThat(err.toString())
        .startsWith(
            "service http://127.0.0.1:" + server.port() + " knows no incident 'incident-9'");
    err.getBuffer().setLength(0);
    assertThat(chat("\u001b[2J/..")).isEqualTo(FAILURE);
    assertThat(err.toString()).contains("incident id must be").doesNotContain("\u001b");
    err.getBuffer().setLength(0);
    type("x".repeat(2_001) + "\n");
    assertThat(chat("incident-1")).isEqualTo(FAILURE);
    assertThat(err.toString()).contains("question must have 1 to 2000 characters, was 2001");
    err.getBuffer().setLength(0);

    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    String nowhere = "http://127.0.0.1:" + closed;
    assertThat(run(new ExplainCommand(), "incident-1", "--server", nowhere)).isEqualTo(FAILURE);
    assertThat(err.toString())
        .isEqualTo(
            "service "
                + nowhere
                + " cannot be reached: start it with 'foresplit serve', or say where it is with"
                + " --server");
  }

  @Test
  void aWrongAddressIsWrongUsage() {
    for (String address :
        List.of("localhost:8080", "ftp://host", "http://", "http://a b", "http://x/y")) {
      assertThat(run(new ExplainCommand(), "incident-1", "--server", address)).isEqualTo(USAGE);
      assertThat(err.toString()).as(address).contains("--server: expected an address such as");
      err.getBuffer().setLength(0);
    }
  }
}
