package io.foresplit.diagnoser.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Requests with names masked, and answers with names put back. */
final class MaskedChat {
  /** Within these members of a schema texts are values; elsewhere they are words of JSON schema. */
  private static final Set<String> VALUES = Set.of("enum", "const", "description", "default");

  private static final ObjectMapper JSON = new ObjectMapper();

  private MaskedChat() {}

  /**
   * A request that may leave.
   *
   * @throws IllegalArgumentException for a message that is not text
   */
  static ChatRequest mask(ChatRequest request, Masking masking) {
    ChatRequest.Builder masked =
        request.toBuilder()
            .messages(request.messages().stream().map(m -> mask(m, masking)).toList());
    List<ToolSpecification> tools = request.toolSpecifications();
    if (tools != null && !tools.isEmpty()) {
      masked.toolSpecifications(
          tools.stream()
              .map(tool -> ToolSpecification.fromJson(values(tool.toJson(), masking)))
              .toList());
    }
    ResponseFormat format = request.responseFormat();
    JsonSchema schema = format == null ? null : format.jsonSchema();
    if (schema != null) {
      masked.responseFormat(
          ResponseFormat.builder()
              .type(format.type())
              .jsonSchema(
                  JsonSchema.builder()
                      .name(schema.name())
                      .rootElement(JsonRawSchema.from(values(json(schema), masking)))
                      .build())
              .build());
    }
    return masked.build();
  }

  private static ChatMessage mask(ChatMessage message, Masking masking) {
    if (message instanceof SystemMessage system) {
      return SystemMessage.from(masking.mask(system.text()));
    } else if (message instanceof UserMessage user && user.hasSingleText()) {
      return UserMessage.from(masking.mask(user.singleText()));
    } else if (message instanceof AiMessage answer) {
      return mapped(answer, masking::mask);
    } else if (message instanceof ToolExecutionResultMessage result && result.hasSingleText()) {
      return ToolExecutionResultMessage.from(
          result.id(), result.toolName(), masking.mask(result.text()));
    }
    throw new IllegalArgumentException(
        "only text can be masked, was a message of type " + message.type());
  }

  /** An answer with its names. */
  static ChatResponse unmask(ChatResponse response, Masking masking) {
    return response.toBuilder().aiMessage(mapped(response.aiMessage(), masking::unmask)).build();
  }

  private static AiMessage mapped(AiMessage message, UnaryOperator<String> how) {
    AiMessage.Builder mapped = AiMessage.builder();
    String text = message.text();
    if (text != null) {
      mapped.text(how.apply(text));
    }
    return mapped
        .toolExecutionRequests(
            message.toolExecutionRequests().stream()
                .map(
                    call ->
                        ToolExecutionRequest.builder()
                            .id(call.id())
                            .name(call.name())
                            .arguments(mapped(call.arguments(), how))
                            .build())
                .toList())
        .build();
  }

  private static @Nullable String mapped(@Nullable String text, UnaryOperator<String> how) {
    return text == null ? null : how.apply(text);
  }

  private static String json(JsonSchema schema) {
    try {
      return JSON.writeValueAsString(JsonSchemaElementUtils.toMap(schema.rootElement()));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a schema that cannot be written as JSON", e);
    }
  }

  private static String values(String json, Masking masking) {
    try {
      return JSON.writeValueAsString(values(JSON.readTree(json), false, masking));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a schema that is not JSON", e);
    }
  }

  private static JsonNode values(JsonNode node, boolean value, Masking masking) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              member ->
                  member.setValue(
                      values(
                          member.getValue(), value || VALUES.contains(member.getKey()), masking)));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, values(array.get(i), value, masking));
      }
    } else if (value && node.isTextual()) {
      return TextNode.valueOf(masking.mask(node.asText()));
    }
    return node;
  }
}
