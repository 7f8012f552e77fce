package io.foresplit.diagnoser.llm.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChatRequestsTest {
  @Test
  void rulesComeFirstAndTurnsInTheirOrder() {
    Question question =
        ChatRequests.question(
            ChatRequest.builder()
                .messages(
                    SystemMessage.from("Be short."),
                    UserMessage.from("why?"),
                    AiMessage.from("because"),
                    SystemMessage.from("Be kind."),
                    UserMessage.from("since when?"))
                .temperature(0.5)
                .maxOutputTokens(30)
                .stopSequences(List.of("END"))
                .build());

    assertThat(question.turns())
        .containsExactly(
            new Question.Turn("system", "Be short.\n\nBe kind."),
            new Question.Turn("user", "why?"),
            new Question.Turn("assistant", "because"),
            new Question.Turn("user", "since when?"));
    assertThat(question.temperature()).isEqualTo(0.5);
    assertThat(question.mostTokens()).isEqualTo(30);
    assertThat(question.stops()).containsExactly("END");
    assertThat(question.schema()).isEmpty();
  }

  @Test
  void nothingSaidMeansTheLikeliestTokensAndFewOfThem() {
    Question question = ChatRequests.question(asking().build());
    assertThat(question.temperature()).isZero();
    assertThat(question.mostTokens()).isEqualTo(512);
  }

  @Test
  void aSchemaIsHandedOnAsJson() {
    ResponseFormat format =
        ResponseFormat.builder()
            .type(ResponseFormatType.JSON)
            .jsonSchema(
                JsonSchema.builder()
                    .name("answer")
                    .rootElement(
                        JsonObjectSchema.builder()
                            .addProperty(
                                "cause", JsonEnumSchema.builder().enumValues("uplink-fade").build())
                            .required("cause")
                            .build())
                    .build())
            .build();
    assertThat(ChatRequests.question(asking().responseFormat(format).build()).schema())
        .contains(
            "{\"type\":\"object\",\"properties\":{\"cause\":{\"type\":\"string\","
                + "\"enum\":[\"uplink-fade\"]}},\"required\":[\"cause\"]}");
    assertThat(ChatRequests.question(asking().responseFormat(ResponseFormat.JSON).build()).schema())
        .contains("{\"type\":\"object\"}");
  }

  @Test
  void whatItCannotDoIsSaid() {
    ToolSpecification tool = ToolSpecification.builder().name("metrics").build();
    assertThatThrownBy(
            () -> ChatRequests.question(asking().toolSpecifications(List.of(tool)).build()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("a local model calls no tools");
  }

  @Test
  void anAnswerThatWasCutOffSaysSo() {
    Question question = ChatRequests.question(asking().maxOutputTokens(4).build());
    ChatResponse whole = ChatRequests.response("m", question, new LocalModel.Answer("yes", 20, 3));
    assertThat(whole.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(whole.tokenUsage()).isEqualTo(new TokenUsage(20, 3));
    assertThat(whole.modelName()).isEqualTo("m");
    assertThat(
            ChatRequests.response("m", question, new LocalModel.Answer("ye", 20, 4)).finishReason())
        .isEqualTo(FinishReason.LENGTH);
  }

  private static ChatRequest.Builder asking() {
    return ChatRequest.builder().messages(UserMessage.from("why?"));
  }
}
