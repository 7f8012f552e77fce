package io.foresplit.diagnoser.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning.Step;
import io.foresplit.diagnoser.ReasonedDiagnosis;
import io.foresplit.diagnoser.ReasonedDiagnosis.Proposed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The form of an answer: as a schema for a model that can be held to it, and how it is read. */
final class AnswerForm {
  /** In words. */
  static final String IN_WORDS =
      "{\"component\": string, \"cause\": string, \"steps\": [{\"claim\": string,"
          + " \"evidence\": [string]}], \"recommendations\": [{\"action\": string,"
          + " \"reason\": string}], \"disproof\": string}";

  private static final int MOST_ANSWER_CHARACTERS = 16_000;
  private static final int MOST_CLAIM_CHARACTERS = 120;
  private static final int MOST_REASON_CHARACTERS = 80;
  private static final int MOST_STEPS = 2;
  private static final int MOST_FACTS = 3;

  /** Small models would say a word and no more. */
  private static final int LEAST_CHARACTERS = 30;

  private static final ObjectMapper JSON = new ObjectMapper();

  private AnswerForm() {}

  /**
   * Components and causes are those of the candidates, facts and actions those that were given, and
   * what would disprove the cause is chosen.
   */
  static ResponseFormat format(Diagnosis diagnosis, Briefing briefing) {
    ObjectNode step =
        object(
            Map.entry("claim", text(MOST_CLAIM_CHARACTERS)),
            Map.entry("evidence", list(oneOf(briefing.facts()), MOST_FACTS)));
    ObjectNode recommendation =
        object(
            Map.entry("action", oneOf(briefing.actions())),
            Map.entry("reason", text(MOST_REASON_CHARACTERS)));
    return format(
        "diagnosis",
        object(
            components(diagnosis.ranked().stream().map(RankedCause::component)),
            causes(diagnosis.ranked().stream().map(RankedCause::cause)),
            Map.entry("steps", list(step, MOST_STEPS)),
            Map.entry("recommendations", list(recommendation, 1)),
            Map.entry(
                "disproof",
                briefing.observations().isEmpty()
                    ? text(MOST_REASON_CHARACTERS)
                    : oneOf(briefing.observations()))));
  }

  /** The form of a list of numbers of claims. */
  static ResponseFormat numbers(int most) {
    ObjectNode number = JSON.createObjectNode().put("type", "integer");
    return format("claims", object(Map.entry("hold", list(number, most).put("minItems", 0))));
  }

  /** The form of a component and a cause of all that there are. */
  static ResponseFormat cause(List<ComponentId> known) {
    return format("cause", object(components(known.stream()), causes(Stream.of(Cause.values()))));
  }

  private static Map.Entry<String, ObjectNode> components(Stream<ComponentId> components) {
    return Map.entry("component", oneOf(components.map(ComponentId::value).distinct().toList()));
  }

  private static Map.Entry<String, ObjectNode> causes(Stream<Cause> causes) {
    return Map.entry("cause", oneOf(causes.map(Cause::label).distinct().toList()));
  }

  /** All members are required. */
  @SafeVarargs
  private static ObjectNode object(Map.Entry<String, ObjectNode>... members) {
    ObjectNode object = JSON.createObjectNode().put("type", "object");
    ObjectNode properties = object.putObject("properties");
    ArrayNode required = object.putArray("required");
    for (Map.Entry<String, ObjectNode> member : members) {
      properties.set(member.getKey(), member.getValue());
      required.add(member.getKey());
    }
    return object.put("additionalProperties", false);
  }

  private static ObjectNode text(int most) {
    return JSON.createObjectNode()
        .put("type", "string")
        .put("minLength", LEAST_CHARACTERS)
        .put("maxLength", most);
  }

  private static ObjectNode oneOf(List<String> values) {
    ObjectNode node = JSON.createObjectNode();
    values.forEach(node.putArray("enum")::add);
    return node;
  }

  private static ObjectNode list(ObjectNode items, int most) {
    ObjectNode list = JSON.createObjectNode().put("type", "array");
    list.set("items", items);
    return list.put("minItems", 1).put("maxItems", most);
  }

  private static ResponseFormat format(String name, ObjectNode schema) {
    return ResponseFormat.builder()
        .type(ResponseFormatType.JSON)
        .jsonSchema(
            JsonSchema.builder()
                .name(name)
                .rootElement(JsonRawSchema.from(schema.toString()))
                .build())
        .build();
  }

  /** Reads an answer; empty when it is not of the form. */
  static Optional<ReasonedDiagnosis> read(String model, String text) {
    return json(text)
        .filter(
            node ->
                isText(node, "component")
                    && isText(node, "cause")
                    && isText(node, "disproof")
                    && node.path("steps").isArray())
        .map(
            node -> {
              List<Step> steps = new ArrayList<>();
              node.path("steps")
                  .forEach(step -> steps.add(new Step(text(step, "claim"), texts(step))));
              List<Proposed> proposals = new ArrayList<>();
              node.path("recommendations")
                  .forEach(r -> proposals.add(new Proposed(text(r, "action"), text(r, "reason"))));
              return new ReasonedDiagnosis(
                  model,
                  text(node, "component"),
                  text(node, "cause"),
                  steps,
                  proposals,
                  text(node, "disproof"));
            });
  }

  /** Reads a component and a cause; empty when it is not of the form. */
  static Optional<Map.Entry<String, String>> readCause(String text) {
    return json(text)
        .filter(node -> isText(node, "component") && isText(node, "cause"))
        .map(node -> Map.entry(text(node, "component"), text(node, "cause")));
  }

  /** Reads which claims hold; empty when it is not of the form. */
  static Optional<List<Integer>> readNumbers(String text) {
    return json(text)
        .filter(node -> node.path("hold").isArray())
        .map(
            node -> {
              List<Integer> numbers = new ArrayList<>();
              node.path("hold").forEach(number -> numbers.add(number.asInt()));
              return numbers;
            });
  }

  /** The object within a text, which may have words or a fence around it. */
  private static Optional<JsonNode> json(String text) {
    int start = text.indexOf('{');
    int end = text.lastIndexOf('}');
    if (text.length() > MOST_ANSWER_CHARACTERS || start < 0 || end < start) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(text.substring(start, end + 1)));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static boolean isText(JsonNode node, String name) {
    return node.path(name).isTextual();
  }

  private static String text(JsonNode node, String name) {
    return node.path(name).asText();
  }

  private static List<String> texts(JsonNode step) {
    List<String> texts = new ArrayList<>();
    step.path("evidence").forEach(id -> texts.add(id.asText()));
    return texts;
  }
}
