package io.foresplit.diagnoser.llm.local;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Set;

/** Answers of a local model as a whole. An interrupt gives the answer up. Thread-safe. */
final class LocalChatModel implements ChatModel {
  private final LocalModel model;

  LocalChatModel(LocalModel model) {
    this.model = model;
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    Question question = ChatRequests.question(request);
    try {
      return ChatRequests.response(model.name(), question, model.ask(question, piece -> true));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalModelException(model.name() + " was interrupted", e);
    }
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
  }
}
