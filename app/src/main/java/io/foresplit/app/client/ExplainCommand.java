package io.foresplit.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what a running service says of an incident. */
@Command(
    name = "explain",
    description = {
      "Print the explanation of an incident with its evidence, and what was tried, as a running",
      "service knows it. 'foresplit chat' answers questions about it."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit explain incident-7 --server http://localhost:8090"})
public final class ExplainCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  @Parameters(paramLabel = "INCIDENT", description = "Id of the incident.")
  private String incident = "";

  @Mixin private ServerOption server = new ServerOption();

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  ExplainCommand() {}

  @Override
  public Integer call() throws IOException {
    JsonNode told = server.client().incident(incident);
    List<String> lines = new ArrayList<>();
    head(told, lines);
    List<JsonNode> diagnoses = elements(told.path("diagnoses"));
    if (diagnoses.isEmpty()) {
      lines.add("");
      lines.add("No diagnosis is recorded yet.");
    } else {
      diagnosis(diagnoses.get(diagnoses.size() - 1), lines);
    }
    lines.add("");
    lines.add("What was tried:");
    List<JsonNode> actions = elements(told.path("actions"));
    actions.forEach(action -> action(action, lines));
    if (actions.isEmpty()) {
      lines.add("  nothing");
    }
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(line -> out.println(Terminal.line(line)));
    out.flush();
    return 0;
  }

  private static void head(JsonNode told, List<String> lines) {
    JsonNode resolved = told.path("resolvedAt");
    lines.add(
        "Incident "
            + text(told, "id")
            + " of job "
            + text(told, "job")
            + ": began about "
            + time(told.path("onsetAt"))
            + ", opened "
            + time(told.path("openedAt"))
            + (resolved.isNumber() ? ", resolved " + time(resolved) : ", still open"));
    JsonNode kind = told.path("kind");
    if (!text(kind, "source").isEmpty()) {
      lines.add(
          "Kind: "
              + text(kind, "name")
              + ", "
              + percent(kind.path("probability"))
              + ", by "
              + text(kind, "source"));
    }
  }

  private static void diagnosis(JsonNode diagnosis, List<String> lines) {
    lines.add("");
    lines.add(text(diagnosis, "explanation"));
    lines.add("");
    lines.add("Causes, by " + text(diagnosis, "reasoner") + ":");
    List<JsonNode> ranked = elements(diagnosis.path("ranked"));
    for (JsonNode cause : ranked) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %5s  %s of %s%s",
              percent(cause.path("probability")),
              text(cause, "cause"),
              text(cause, "component"),
              elements(cause.path("evidence")).stream()
                  .map(id -> " [" + id.asText() + "]")
                  .collect(Collectors.joining())));
    }
    if (ranked.isEmpty()) {
      lines.add("  none is named");
    }
    lines.add("");
    lines.add("Evidence:");
    for (JsonNode fact : elements(diagnosis.path("evidence"))) {
      lines.add(String.format(Locale.ROOT, "  %-4s %s", text(fact, "id"), text(fact, "statement")));
    }
  }

  private static void action(JsonNode action, List<String> lines) {
    String became =
        text(action, "result").isEmpty() ? text(action, "state") : text(action, "result");
    lines.add(
        "  "
            + time(action.path("plannedAt"))
            + "  "
            + text(action, "kind")
            + ", "
            + became.toLowerCase(Locale.ROOT)
            + ": "
            + text(action, "detail"));
    if (!text(action, "reason").isEmpty()) {
      lines.add("    why: " + text(action, "reason"));
    }
    if (text(action, "kind").equals("move-layers")) {
      lines.add(
          "    predicted: "
              + millis(action.path("predictedBefore"))
              + " → "
              + millis(action.path("predictedAfter"))
              + " a step"
              + (action.path("stepSecondsAfter").isNumber()
                  ? "; measured: "
                      + millis(action.path("stepSecondsBefore"))
                      + " → "
                      + millis(action.path("stepSecondsAfter"))
                  : "")
              + (action.path("pauseMillis").isNumber()
                  ? "; training paused for " + action.path("pauseMillis").asLong() + " ms"
                  : ""));
    }
    if (!text(action, "remark").isEmpty()) {
      lines.add("    remark: " + text(action, "remark"));
    }
  }

  private static List<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  private static String text(JsonNode object, String member) {
    return object.path(member).asText("");
  }

  private static String time(JsonNode millis) {
    return TIME.format(Instant.ofEpochMilli(millis.asLong()));
  }

  private static String percent(JsonNode share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share.asDouble());
  }

  private static String millis(JsonNode seconds) {
    return seconds.isNumber()
        ? String.format(Locale.ROOT, "%.0f ms", 1e3 * seconds.asDouble())
        : "unknown";
  }
}
