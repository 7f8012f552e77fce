package io.foresplit.diagnoser.llm.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LocalStreamingChatModelTest {
  private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

  private static LocalModel model(String behaviour) {
    return new LocalModel(
        "fake",
        new ChildCommand(FakeChild.class, List.of(behaviour)),
        Duration.ofSeconds(30),
        System::nanoTime);
  }

  private void ask(LocalModel model, String text, boolean cancel) {
    model
        .streaming()
        .chat(
            ChatRequest.builder().messages(UserMessage.from(text)).build(),
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                told.add(piece.text());
                if (cancel) {
                  context.streamingHandle().cancel();
                }
              }

              @Override
              public void onPartialResponse(String piece) {}

              @Override
              public void onCompleteResponse(ChatResponse response) {
                told.add(response);
              }

              @Override
              public void onError(Throwable error) {
                told.add(error);
              }
            });
  }

  @Test
  void piecesAreToldAndThenTheWhole() throws Exception {
    try (LocalModel model = model("echo")) {
      ask(model, "why?", false);
      String first = (String) told.take();
      assertThat(told.take()).isEqualTo("why?");
      ChatResponse whole = (ChatResponse) told.take();
      assertThat(whole.aiMessage().text()).isEqualTo(first + "why?");
      assertThat(whole.tokenUsage().totalTokenCount()).isEqualTo(9);
    }
  }

  @Test
  void aFailureIsToldOnce() throws Exception {
    try (LocalModel model = model("crash")) {
      ask(model, "why?", false);
      assertThat(told.take()).isEqualTo("{\"ca");
      assertThat(told.take())
          .isInstanceOfSatisfying(
              LocalModelException.class,
              e -> assertThat(e).hasMessageContaining("ended with code 134"));
    }
  }

  @Test
  void afterCancellingNothingIsToldAndTheNextAnswerComes() throws Exception {
    try (LocalModel model = model("patient")) {
      ask(model, "why?", true);
      ask(model, "why?", true);
      assertThat(told.take()).isEqualTo(told.take());
      assertThat(told).isEmpty();
    }
  }
}
