package io.foresplit.diagnoser.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.diagnoser.DiagnosisGuard;
import io.foresplit.diagnoser.chat.IncidentFacts;
import io.foresplit.diagnoser.chat.LookUp;
import io.foresplit.diagnoser.chat.LookUps;
import io.foresplit.diagnoser.chat.WhatIfLookUp;
import io.foresplit.diagnoser.library.Library;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model may look up about an incident; nothing is changed by it. Names and arguments are
 * untrusted.
 */
final class IncidentTools {
  private static final int MOST_RESULT_CHARACTERS = 1_500;
  private static final int MOST_ARGUMENT_CHARACTERS = 2_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  static final List<ToolSpecification> SPECIFICATIONS =
      LookUps.KINDS.stream().map(IncidentTools::specification).toList();

  private final IncidentFacts facts;
  private final LookUps lookUps;
  private final List<String> predicted = new ArrayList<>();

  IncidentTools(IncidentFacts facts, Library library, PlacementPlanner planner) {
    this.facts = facts;
    this.lookUps = new LookUps(facts, planner, library);
  }

  private static ToolSpecification specification(LookUps.Kind kind) {
    JsonObjectSchema.Builder arguments = JsonObjectSchema.builder();
    kind.arguments().forEach(arguments::addStringProperty);
    return ToolSpecification.builder()
        .name(kind.name())
        .description(kind.purpose())
        .parameters(arguments.required(List.copyOf(kind.arguments().keySet())).build())
        .build();
  }

  /**
   * The look-up that is asked for.
   *
   * @throws IllegalArgumentException saying in one line what is wrong, without repeating it
   */
  LookUp<?> lookUp(ToolExecutionRequest request) {
    String given = request.arguments() == null ? "" : request.arguments();
    if (given.length() > MOST_ARGUMENT_CHARACTERS) {
      throw new IllegalArgumentException("the arguments are too long");
    }
    Map<String, String> arguments = new HashMap<>();
    try {
      for (Map.Entry<String, JsonNode> each : JSON.readTree(given).properties()) {
        arguments.put(each.getKey(), each.getValue().asText());
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the arguments must be a JSON object", e);
    }
    return lookUps.of(String.valueOf(request.name()), arguments);
  }

  /** Moves whose step times were asked for, as an answer names them. */
  List<String> predicted() {
    return List.copyOf(predicted);
  }

  /** What is found, bounded and quoted as telemetry; for a bad request a line that says so. */
  String call(ToolExecutionRequest request) {
    String result;
    try {
      LookUp<?> lookUp = lookUp(request);
      result = lookUp.in(facts).text();
      if (lookUp instanceof WhatIfLookUp whatIf) {
        predicted.add(DiagnosisGuard.MOVE + whatIf.placement().describe());
      }
    } catch (IllegalArgumentException e) {
      result = "error: " + e.getMessage();
    }
    String bounded = result.substring(0, Math.min(result.length(), MOST_RESULT_CHARACTERS));
    return Telemetry.marked(Telemetry.quoted(bounded) + "\n");
  }
}
