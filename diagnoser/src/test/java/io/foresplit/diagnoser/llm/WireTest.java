package io.foresplit.diagnoser.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.diagnoser.StepTimeModel;
import io.foresplit.diagnoser.chat.Asking;
import io.foresplit.diagnoser.chat.ChatEvent.Citation;
import io.foresplit.diagnoser.chat.ChatEvent.Status;
import io.foresplit.diagnoser.chat.IncidentFacts;
import io.foresplit.diagnoser.chat.RecordedIncident;
import io.foresplit.diagnoser.library.Passage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What leaves for an endpoint, and what of its answers arrives. */
@Timeout(60)
class WireTest {
  private final FakeEndpoint endpoint = new FakeEndpoint();
  private final IncidentFacts facts = RecordedIncident.whole().facts();
  private final IncidentId incident = facts.incident().id();
  private final LimitedModel model =
      new LimitedModel(
          LanguageModel.of(
                  new LlmConfig(
                      LlmConfig.Provider.OPENAI_COMPATIBLE,
                      endpoint.url(),
                      "fake",
                      "",
                      Duration.ofSeconds(20)),
                  System::nanoTime)
              .orElseThrow(),
          Duration.ofSeconds(20),
          ScriptedStream.LIMITS,
          true,
          id -> Optional.of(facts),
          () -> Map.of(new JobId("harbour"), Set.of(new ComponentId("tower->mast"))),
          () -> Instant.parse("2026-01-01T12:00:00Z"),
          System::nanoTime,
          LlmListener.NONE);

  private final Asking conversation =
      new Asking(
          facts,
          new ModelChat(
              model,
              "fake",
              new StepTimeModel(),
              (shelves, query, most) ->
                  List.of(
                      new Passage(
                          "incident:harbour/1",
                          "Incident 1: uplink-fade at tower->mast",
                          "Job harbour. Cause: uplink-fade at tower->mast.",
                          1))));

  @AfterEach
  void close() {
    endpoint.close();
  }

  private void nothingLeaked() {
    JobSpec job = facts.topology().orElseThrow().job();
    assertThat(endpoint.sent).isNotEmpty();
    for (String body : endpoint.sent) {
      job.participants()
          .forEach(node -> assertThat(body).doesNotContainPattern("\\b" + node.id() + "\\b"));
      assertThat(body).doesNotContain(job.id().value()).doesNotContain("example.org", "10.0.0.9");
    }
  }

  @Test
  void namesAreMaskedOnTheWireAndPutBackInPieces() {
    endpoint.says("The rate of NO", "DE_", "2->NODE_", "3 fell [E1", "].");
    Asking.Answer answer = conversation.ask("why is 10.0.0.9 (a@example.org) slow?");
    assertThat(answer.text()).startsWith("The rate of device->edge fell [E1].");
    assertThat(answer.of(Citation.class)).hasSize(1);
    assertThat(endpoint.sent.get(0)).contains("NODE_2->NODE_3", "ADDRESS_", "MAIL_");
    nothingLeaked();
  }

  @Test
  void namesAreMaskedInToolCallsResultsAndSchemasToo() {
    endpoint
        .calls("metrics", "{\"component\": \"NODE_2->NODE_3\", \"metric\": \"link-rate\"}")
        .says("The rate of NODE_2->NODE_3 was 1.30 MB/s.");
    Asking.Answer answer = conversation.ask("what is the rate of device->edge?");
    assertThat(answer.lookUps()).containsExactly("metrics");
    assertThat(answer.text()).startsWith("The rate of device->edge was 1.30 MB/s.");
    assertThat(endpoint.sent.get(1)).contains("\"role\" : \"tool\"", "NODE_2->NODE_3 was 1.30");

    endpoint.says("{\"component\": \"NODE_3\"}");
    ChatRequest request =
        ChatRequest.builder()
            .messages(UserMessage.from("{\"nodes\": [\"edge\"]}"))
            .responseFormat(
                ResponseFormat.builder()
                    .type(ResponseFormatType.JSON)
                    .jsonSchema(
                        JsonSchema.builder()
                            .name("answer")
                            .rootElement(
                                JsonObjectSchema.builder()
                                    .addEnumProperty("component", List.of("edge", "cloud"))
                                    .build())
                            .build())
                    .build())
            .build();
    assertThat(model.chat(incident).chat(request).aiMessage().text())
        .isEqualTo("{\"component\": \"edge\"}");
    assertThat(endpoint.sent.get(2)).contains("NODE_3", "\"component\"", "\"type\"", "enum");
    nothingLeaked();
  }

  @Test
  void namesOfOtherJobsInPastIncidentsAreMasked() {
    endpoint.calls("past-incidents", "{\"query\": \"uplink-fade\"}").says("It was like that once.");
    Asking.Answer answer = conversation.ask("did this happen before?");
    assertThat(answer.lookUps()).containsExactly("past-incidents");
    assertThat(endpoint.sent.get(1)).contains("Cause: uplink-fade at NODE_").contains("Job JOB_");
    assertThat(String.join("", endpoint.sent)).doesNotContain("harbour", "tower", "mast");
  }

  @Test
  void anEndpointThatIsBusyIsAskedAgain() {
    endpoint.refuses(429).refuses(503).says("The rate fell [E1].");
    assertThat(conversation.ask("why?").text()).startsWith("The rate fell [E1].");
    assertThat(endpoint.sent).hasSize(3);
  }

  @Test
  void anAnswerThatBreaksOffIsFollowedByOneWithoutTheModel() {
    endpoint.breaksOff("The rate fell [E1]. ", "Then it ");
    Asking.Answer answer = conversation.ask("why?");
    assertThat(answer.text())
        .startsWith("The rate fell [E1].\nWithout the language model, since the language model")
        .contains("The most likely cause");
    assertThat(answer.status()).isEqualTo(Status.ANSWERED);
    assertThat(endpoint.sent).hasSize(1);
  }

  @Test
  void oneThatRejectsToolsWordsWhatWasFound() {
    endpoint.refuses(400).says("It began at 12:00:50 UTC.");
    Asking.Answer answer = conversation.ask("since when?");
    assertThat(answer.text()).endsWith("language model fake: It began at 12:00:50 UTC.");
    assertThat(endpoint.sent.get(1)).doesNotContain("\"tools\"");
    nothingLeaked();
  }

  @Test
  void anErrorOfAnEndpointIsNotTold() {
    List<String> pieces = new ArrayList<>();
    endpoint.refuses(401);
    assertThatThrownBy(
            () ->
                model.ask(
                    incident,
                    ChatRequest.builder().messages(UserMessage.from("why?")).build(),
                    pieces::add))
        .isInstanceOf(LlmUnavailableException.class)
        .hasMessage("the language model failed");
    assertThat(pieces).isEmpty();
  }
}
