package io.foresplit.diagnoser.llm;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import io.foresplit.diagnoser.chat.IncidentFacts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/** A model that answers as a test says, one script after the other; the last one is repeated. */
final class ScriptedStream implements StreamingChatModel {
  static final LlmLimits LIMITS =
      new LlmLimits(
          50_000,
          100_000,
          Duration.ofMinutes(5),
          2,
          Duration.ofMillis(1),
          3,
          Duration.ofMinutes(1));

  final List<ChatRequest> requests = new ArrayList<>();
  final List<String> heard = new ArrayList<>();
  Instant now = Instant.parse("2026-01-01T12:00:00Z");
  final AtomicLong nanos = new AtomicLong();

  private final Deque<BiConsumer<ChatRequest, StreamingChatResponseHandler>> scripts =
      new ArrayDeque<>();

  ScriptedStream then(BiConsumer<ChatRequest, StreamingChatResponseHandler> script) {
    scripts.add(script);
    return this;
  }

  /** Says this in pieces of three characters, without counting tokens. */
  ScriptedStream says(String text) {
    return then((request, handler) -> say(text, null, handler));
  }

  ScriptedStream says(String text, int read, int written) {
    return then((request, handler) -> say(text, new TokenUsage(read, written), handler));
  }

  ScriptedStream fails(RuntimeException problem) {
    return then((request, handler) -> handler.onError(problem));
  }

  ScriptedStream stalls() {
    return then((request, handler) -> {});
  }

  ScriptedStream calls(String tool, String arguments) {
    ToolExecutionRequest call =
        ToolExecutionRequest.builder().id("call").name(tool).arguments(arguments).build();
    return then(
        (request, handler) ->
            handler.onCompleteResponse(
                ChatResponse.builder().aiMessage(AiMessage.from(call)).build()));
  }

  private static void say(String text, TokenUsage usage, StreamingChatResponseHandler handler) {
    for (int i = 0; i < text.length(); i += 3) {
      handler.onPartialResponse(text.substring(i, Math.min(text.length(), i + 3)));
    }
    handler.onCompleteResponse(
        ChatResponse.builder().aiMessage(AiMessage.from(text)).tokenUsage(usage).build());
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    requests.add(request);
    (scripts.size() > 1 ? scripts.remove() : scripts.element()).accept(request, handler);
  }

  LimitedModel limited(LlmLimits limits) {
    return limited(limits, Duration.ofSeconds(20), true, System::nanoTime);
  }

  LimitedModel limited(
      LlmLimits limits,
      Duration timeout,
      boolean callsTools,
      java.util.function.LongSupplier nanoTime) {
    InstantSource clock = () -> now;
    return new LimitedModel(
        new LanguageModel(null, this, callsTools, () -> {}),
        timeout,
        limits,
        false,
        incident -> Optional.<IncidentFacts>empty(),
        Map::of,
        clock,
        nanoTime,
        new LlmListener() {
          @Override
          public void answered(Duration took) {
            heard.add("answered");
          }

          @Override
          public void spent(long read, long written) {
            heard.add("spent " + read + " " + written);
          }

          @Override
          public void failed(LlmUnavailableException.Reason reason, Duration took) {
            heard.add("failed " + reason);
          }

          @Override
          public void retried() {
            heard.add("retried");
          }

          @Override
          public void refused(LlmUnavailableException.Reason limit) {
            heard.add("refused " + limit);
          }

          @Override
          public void breaker(Breaker state) {
            heard.add("breaker " + state);
          }
        });
  }
}
