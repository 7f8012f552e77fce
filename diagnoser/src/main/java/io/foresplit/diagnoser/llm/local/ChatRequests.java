package io.foresplit.diagnoser.llm.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From LangChain4j's words to the child's, and back. */
final class ChatRequests {
  private static final int USUAL_TOKENS = 512;
  private static final String ANY_OBJECT = "{\"type\":\"object\"}";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChatRequests() {}

  /**
   * The question of a request.
   *
   * @throws UnsupportedFeatureException for what the model cannot do: tools, pictures
   */
  static Question question(ChatRequest request) {
    if (request.toolSpecifications() != null && !request.toolSpecifications().isEmpty()) {
      throw new UnsupportedFeatureException("a local model calls no tools");
    }
    List<String> rules = new ArrayList<>();
    List<Question.Turn> turns = new ArrayList<>();
    for (ChatMessage message : request.messages()) {
      if (message instanceof SystemMessage system) {
        rules.add(system.text());
      } else if (message instanceof UserMessage user && user.hasSingleText()) {
        turns.add(new Question.Turn("user", user.singleText()));
      } else if (message instanceof AiMessage answer && answer.text() != null) {
        turns.add(new Question.Turn("assistant", answer.text()));
      } else {
        throw new UnsupportedFeatureException(
            "a local model reads text alone, not a message of type " + message.type());
      }
    }
    if (!rules.isEmpty()) {
      turns.add(0, new Question.Turn("system", String.join("\n\n", rules)));
    }
    return new Question(
        0,
        turns,
        request.maxOutputTokens() == null ? USUAL_TOKENS : request.maxOutputTokens(),
        request.temperature() == null ? 0 : request.temperature(),
        schema(request.responseFormat()),
        request.stopSequences() == null ? List.of() : request.stopSequences());
  }

  private static Optional<String> schema(@Nullable ResponseFormat format) {
    if (format == null || format.type() != ResponseFormatType.JSON) {
      return Optional.empty();
    }
    if (format.jsonSchema() == null) {
      return Optional.of(ANY_OBJECT);
    }
    try {
      return Optional.of(
          JSON.writeValueAsString(JsonSchemaElementUtils.toMap(format.jsonSchema().rootElement())));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a schema that cannot be written as JSON", e);
    }
  }

  static ChatResponse response(String model, Question question, LocalModel.Answer answer) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from(answer.text()))
        .modelName(model)
        .tokenUsage(new TokenUsage(answer.promptTokens(), answer.answerTokens()))
        .finishReason(
            answer.answerTokens() >= question.mostTokens()
                ? FinishReason.LENGTH
                : FinishReason.STOP)
        .build();
  }
}
