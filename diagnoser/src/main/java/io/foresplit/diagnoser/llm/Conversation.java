package io.foresplit.diagnoser.llm;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was said to a model in an investigation. Its answers are not kept: what was refused is not
 * repeated to it. Not thread-safe.
 */
final class Conversation {
  private final ChatModel model;
  private final int answerTokens;
  private final Optional<IncidentTools> tools;
  private final List<ChatMessage> said = new ArrayList<>();
  private final StringBuilder lookedUp = new StringBuilder();
  private int lookUps;

  /**
   * @param lookUps that the tools may be asked for, in all
   */
  Conversation(
      ChatModel model, int answerTokens, Optional<IncidentTools> tools, int lookUps, String rules) {
    this.model = model;
    this.answerTokens = answerTokens;
    this.tools = tools;
    this.lookUps = lookUps;
    said.add(SystemMessage.from(rules));
  }

  /** All results of look-ups so far. */
  String lookedUp() {
    return lookedUp.toString();
  }

  /** Moves that were predicted for the model, as an answer names them. */
  List<String> predicted() {
    return tools.map(IncidentTools::predicted).orElse(List.of());
  }

  /**
   * Says something and has the answer, empty when there is none. What the model wants to know it is
   * told, as often as it may ask; then it has to answer.
   */
  String ask(String question, ResponseFormat format) {
    // templates of chats take turns, and there is no answer in between
    boolean again = said.get(said.size() - 1) instanceof UserMessage;
    String before = again ? ((UserMessage) said.remove(said.size() - 1)).singleText() + "\n\n" : "";
    said.add(UserMessage.from(before + question));
    while (true) {
      boolean mayLookUp = tools.isPresent() && lookUps > 0;
      AiMessage answer;
      try {
        answer = model.chat(request(format, mayLookUp)).aiMessage();
      } catch (LlmUnavailableException e) {
        if (!mayLookUp || e.reason() != LlmUnavailableException.Reason.REJECTED) {
          throw e;
        }
        lookUps = 0; // many models take no tools
        continue;
      }
      List<ToolExecutionRequest> wanted = answer.toolExecutionRequests();
      if (!mayLookUp || wanted.isEmpty()) {
        return answer.text() == null ? "" : answer.text();
      }
      // more at once than is left are not even answered
      List<ToolExecutionRequest> some = wanted.subList(0, Math.min(wanted.size(), lookUps));
      lookUps -= some.size();
      said.add(AiMessage.from(some));
      for (ToolExecutionRequest request : some) {
        String result = tools.orElseThrow().call(request);
        lookedUp.append(result).append('\n');
        said.add(ToolExecutionResultMessage.from(request, result));
      }
    }
  }

  private ChatRequest request(ResponseFormat format, boolean mayLookUp) {
    ChatRequest.Builder request =
        ChatRequest.builder().messages(said).temperature(0.0).maxOutputTokens(answerTokens);
    if (mayLookUp) {
      request.toolSpecifications(IncidentTools.SPECIFICATIONS);
    }
    if (model.supportedCapabilities().contains(Capability.RESPONSE_FORMAT_JSON_SCHEMA)) {
      request.responseFormat(format);
    }
    return request.build();
  }
}
