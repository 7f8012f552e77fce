package io.foresplit.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a running service about an incident, line by line. */
@Command(
    name = "chat",
    description = {
      "Ask a running service about an incident. Questions are read from standard input, one a",
      "line; 'exit' or its end ends the conversation."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit chat incident-7"})
public final class ChatCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "INCIDENT",
      description = "Id of the incident; the newest one by default.")
  private @Nullable String incident;

  @Option(names = "--look-ups", description = "Show what is looked up for an answer, too.")
  private boolean lookUps;

  @Mixin private ServerOption server = new ServerOption();

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  ChatCommand() {}

  @Override
  public Integer call() throws IOException {
    ServiceClient client = server.client();
    PrintWriter out = spec.commandLine().getOut();
    String about = about(client);
    out.println(
        "About incident "
            + Terminal.line(about)
            + ". 'help' tells what can be asked, 'exit' ends.");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
    Optional<String> conversation = Optional.empty();
    String question = next(in, out);
    while (question != null && !question.matches("(?i)exit|quit")) {
      if (!question.isEmpty()) {
        conversation = Optional.of(client.ask(about, conversation, question, this::show));
        out.println();
      }
      question = next(in, out);
    }
    out.flush();
    return 0;
  }

  /** Also makes sure that the incident is there before anything is asked. */
  private String about(ServiceClient client) throws IOException {
    if (incident != null) {
      return client.incident(incident).path("id").asText();
    }
    return client
        .newestIncident()
        .orElseThrow(() -> new IOException("the service knows no incident yet"));
  }

  /** A line, or null at the end; asked for where somebody types, from JDK 22 on always. */
  @SuppressWarnings("SystemConsoleNull")
  private static @Nullable String next(BufferedReader in, PrintWriter out) throws IOException {
    if (System.console() != null) {
      out.print("> ");
    }
    out.flush();
    String line = in.readLine();
    return line == null ? null : line.strip();
  }

  private void show(String event, JsonNode data) {
    PrintWriter out = spec.commandLine().getOut();
    switch (event) {
      case "token" -> out.print(Terminal.lines(data.path("text").asText()));
      case "tool-call" -> {
        if (lookUps) {
          out.println(
              "[look-up " + Terminal.line(data.path("name").asText() + arguments(data)) + "]");
        }
      }
      case "end" -> {
        if (data.path("status").asText().equals("failed")) {
          out.print(" … the answer was broken off: the service's log says why.");
        }
        out.println();
      }
      default -> {}
    }
    out.flush();
  }

  private static String arguments(JsonNode call) {
    return call.path("arguments").properties().stream()
        .map(argument -> " " + argument.getKey() + "=" + text(argument))
        .collect(Collectors.joining());
  }

  private static String text(Map.Entry<String, JsonNode> argument) {
    return argument.getValue().asText();
  }
}
