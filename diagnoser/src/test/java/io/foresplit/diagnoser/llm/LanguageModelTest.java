package io.foresplit.diagnoser.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.foresplit.diagnoser.llm.local.LocalModelConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LanguageModelTest {
  @Test
  void nothingIsBuiltUnlessConfiguredAndTheKeyIsNotPrinted() {
    assertThat(LanguageModel.of(LlmConfig.none(), System::nanoTime)).isEmpty();
    LlmConfig config =
        new LlmConfig(
            LlmConfig.Provider.OPENAI_COMPATIBLE,
            "http://localhost:1/v1",
            "m",
            "sk-secret",
            Duration.ofSeconds(1));
    assertThat(config.toString()).contains("redacted").doesNotContain("sk-secret");
    LanguageModel.of(config, System::nanoTime).orElseThrow().close();
    LanguageModel.of(
            new LlmConfig(
                LlmConfig.Provider.OLLAMA, "http://localhost:1", "m", "", Duration.ofSeconds(1)),
            System::nanoTime)
        .orElseThrow()
        .close();
    assertThatThrownBy(
            () ->
                new LlmConfig(
                    LlmConfig.Provider.OLLAMA, "localhost", " ", "", Duration.ofSeconds(1)))
        .hasMessageContaining("baseUrl must start with http")
        .hasMessageContaining("model must be named");
  }

  @Test
  void aLocalModelNeedsItsFileAndIsNotStartedBeforeItIsAsked() {
    LlmConfig config =
        LlmConfig.local(
            "small", LocalModelConfig.of(Path.of("no-such.gguf")), Duration.ofSeconds(1));
    LanguageModel.of(config, System::nanoTime).orElseThrow().close();
    assertThat(ProcessHandle.current().children()).isEmpty();
    assertThatThrownBy(
            () -> new LlmConfig(LlmConfig.Provider.LOCAL, "", "small", "", Duration.ofSeconds(1)))
        .hasMessageContaining("a model file belongs to the provider local alone");
  }

  @Test
  void aLocalModelIsGivenLessAndCallsNoTools() {
    LlmConfig local =
        LlmConfig.local("small", LocalModelConfig.of(Path.of("x.gguf")), Duration.ofSeconds(30));
    LlmConfig remote =
        new LlmConfig(
            LlmConfig.Provider.OLLAMA, "http://localhost:1", "m", "", Duration.ofSeconds(30));
    assertThat(InvestigatorConfig.of(local))
        .isEqualTo(new InvestigatorConfig("small", Duration.ofMinutes(1), 500, 300, 0, false));
    assertThat(InvestigatorConfig.of(remote))
        .isEqualTo(new InvestigatorConfig("m", Duration.ofMinutes(2), 6_000, 1_500, 8, true));
  }

  @Test
  @Timeout(60)
  void anEndpointThatStallsIsHungUpOn() throws Exception {
    Map<LlmConfig.Provider, String> silence =
        Map.of(
            LlmConfig.Provider.OPENAI_COMPATIBLE,
            "",
            LlmConfig.Provider.OLLAMA,
            "{\"message\": {\"role\": \"assistant\", \"content\": \"\"}, \"done\": false}");
    for (LlmConfig.Provider provider : silence.keySet()) {
      CountDownLatch hungUp = new CountDownLatch(1);
      try (FakeEndpoint endpoint = new FakeEndpoint().stalls(silence.get(provider), hungUp);
          LanguageModel model =
              LanguageModel.of(
                      new LlmConfig(provider, endpoint.url(), "m", "", Duration.ofMillis(300)),
                      System::nanoTime)
                  .orElseThrow()) {
        model
            .streaming()
            .chat(
                ChatRequest.builder().messages(UserMessage.from("why?")).build(),
                new StreamedAnswer(1_000));
        hungUp.await();
      }
    }
  }
}
