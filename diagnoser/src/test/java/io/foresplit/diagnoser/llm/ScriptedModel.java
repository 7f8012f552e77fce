package io.foresplit.diagnoser.llm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.RankedCause;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Answers as it is told to, and keeps what it was asked. */
final class ScriptedModel implements ChatModel {
  private final Function<ChatRequest, AiMessage> script;
  final List<ChatRequest> requests = new ArrayList<>();

  ScriptedModel(Function<ChatRequest, AiMessage> script) {
    this.script = script;
  }

  /** Says these in turn, the last one for ever. */
  static ScriptedModel saying(String... answers) {
    List<String> left = new ArrayList<>(List.of(answers));
    return new ScriptedModel(
        request -> AiMessage.from(left.size() > 1 ? left.remove(0) : left.get(0)));
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    requests.add(request.toBuilder().messages(List.copyOf(request.messages())).build());
    return ChatResponse.builder().aiMessage(script.apply(request)).build();
  }

  /** All text of a request. */
  static String text(ChatRequest request) {
    return request.messages().stream().map(ScriptedModel::text).collect(Collectors.joining("\n"));
  }

  static String text(ChatMessage message) {
    if (message instanceof SystemMessage system) {
      return system.text();
    } else if (message instanceof UserMessage user) {
      return user.singleText();
    } else if (message instanceof ToolExecutionResultMessage result) {
      return result.text();
    }
    return message.toString();
  }

  /** An answer that repeats what the statistics say. */
  static ObjectNode good(Diagnosis diagnosis) {
    RankedCause top = diagnosis.top().orElseThrow();
    Evidence fact =
        diagnosis.evidence().stream()
            .filter(f -> f.id().equals(top.evidence().get(0)))
            .findFirst()
            .orElseThrow();
    ObjectNode answer = new ObjectMapper().createObjectNode();
    answer.put("component", top.component().value()).put("cause", top.cause().label());
    answer
        .putArray("steps")
        .addObject()
        .put("claim", fact.statement())
        .putArray("evidence")
        .add(fact.id());
    answer
        .putArray("recommendations")
        .addObject()
        .put("action", "notify-operator")
        .put("reason", "Look at the link.");
    return answer.put("disproof", "The rate comes back and steps stay slow.");
  }
}
