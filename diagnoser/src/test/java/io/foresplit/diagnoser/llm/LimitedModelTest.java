package io.foresplit.diagnoser.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.foresplit.contract.IncidentId;
import io.foresplit.diagnoser.llm.LlmUnavailableException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class LimitedModelTest {
  private static final IncidentId ONE = new IncidentId("one");
  private static final IncidentId OTHER = new IncidentId("other");
  private static final ChatRequest QUESTION =
      ChatRequest.builder()
          .messages(UserMessage.from("why? ".repeat(20)))
          .maxOutputTokens(100)
          .build();

  private final ScriptedStream model = new ScriptedStream();
  private final List<String> pieces = new ArrayList<>();

  private static LlmLimits limits(int perIncident, int perDay, int retries) {
    return new LlmLimits(
        perIncident,
        perDay,
        Duration.ofSeconds(60),
        retries,
        Duration.ofMillis(1),
        3,
        Duration.ofMinutes(1));
  }

  private Reason refusal(LimitedModel limited, IncidentId incident) {
    try {
      limited.ask(incident, QUESTION, pieces::add);
    } catch (LlmUnavailableException e) {
      assertThat(e).hasMessageMatching("[^\\n]{10,200}");
      return e.reason();
    }
    throw new AssertionError("answered");
  }

  @Test
  void tokensOfAnIncidentAreCountedAndBeyondTheLimitNothingIsSent() {
    LimitedModel limited = model.says("because", 300, 50).limited(limits(800, 10_000, 0));
    limited.chat(ONE).chat(QUESTION);
    limited.chat(ONE).chat(QUESTION);
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.INCIDENT_TOKENS);
    assertThat(model.requests).hasSize(2);
    assertThat(limited.chat(OTHER).chat(QUESTION).aiMessage().text()).isEqualTo("because");
    assertThat(model.heard)
        .containsExactly(
            "answered",
            "spent 300 50",
            "answered",
            "spent 300 50",
            "refused INCIDENT_TOKENS",
            "answered",
            "spent 300 50");
  }

  @Test
  void tokensOfADayAreThoseOfAllIncidentsAndANewDayHasNewOnes() {
    LimitedModel limited = model.says("because", 300, 50).limited(limits(800, 800, 0));
    limited.chat(ONE).chat(QUESTION);
    limited.chat(OTHER).chat(QUESTION);
    assertThat(refusal(limited, new IncidentId("third"))).isEqualTo(Reason.DAY_TOKENS);
    model.now = model.now.plus(Duration.ofHours(12));
    limited.chat(new IncidentId("third")).chat(QUESTION);
    assertThat(model.requests).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -5})
  void tokensAreEstimatedWhereTheEndpointDoesNotCount(int counted) {
    LimitedModel limited =
        model.says("x".repeat(300), counted, counted).limited(limits(500, 500, 0));
    limited.chat(ONE).chat(QUESTION);
    assertThat(model.heard).last().asString().matches("spent \\d{2,3} 100");
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.INCIDENT_TOKENS);
  }

  @Test
  void theMostThatMayBeWrittenIsReservedAndAskedFor() {
    LimitedModel limited = model.says("because").limited(limits(900, 900, 0));
    ChatRequest unbounded = ChatRequest.builder().messages(UserMessage.from("why?")).build();
    assertThatThrownBy(() -> limited.chat(ONE).chat(unbounded))
        .isInstanceOf(LlmUnavailableException.class);
    model.says("because");
    model.limited(limits(2_000, 2_000, 0)).chat(ONE).chat(unbounded);
    assertThat(model.requests.get(0).maxOutputTokens()).isEqualTo(1_000);
  }

  @Test
  void theTimeOfAnIncidentIsBounded() {
    model.then(
        (request, handler) -> {
          model.nanos.addAndGet(Duration.ofSeconds(31).toNanos());
          handler.onCompleteResponse(
              dev.langchain4j.model.chat.response.ChatResponse.builder()
                  .aiMessage(dev.langchain4j.data.message.AiMessage.from("late"))
                  .build());
        });
    LimitedModel limited =
        model.limited(limits(10_000, 10_000, 0), Duration.ofSeconds(40), true, model.nanos::get);
    limited.chat(ONE).chat(QUESTION);
    // 29 s are left of the minute, so the second call is given up
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.TIMEOUT);
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.INCIDENT_TIME);
    assertThat(model.requests).hasSize(2);
  }

  @Test
  void whatMayPassIsTriedAgain() {
    LimitedModel limited =
        model
            .fails(new InternalServerException("503"))
            .fails(new RateLimitException("429"))
            .says("because")
            .limited(limits(10_000, 10_000, 2));
    limited.ask(ONE, QUESTION, pieces::add);
    assertThat(String.join("", pieces)).isEqualTo("because");
    assertThat(model.heard)
        .filteredOn(heard -> !heard.startsWith("spent "))
        .containsExactly("failed FAILED", "retried", "failed RATE_LIMITED", "retried", "answered");
    // an attempt that fails has been sent, too
    assertThat(model.heard).filteredOn(heard -> heard.startsWith("spent ")).hasSize(3);
  }

  @Test
  void whatDoesNotPassIsNot() {
    LimitedModel limited =
        model.fails(new AuthenticationException("key sk-123")).limited(limits(10_000, 10_000, 2));
    assertThatThrownBy(() -> limited.chat(ONE).chat(QUESTION))
        .isInstanceOf(LlmUnavailableException.class)
        .hasMessage("the language model failed");
    assertThat(model.requests).hasSize(1);
  }

  @Test
  void anAnswerThatHasBegunIsNotBegunAgain() {
    model.then(
        (request, handler) -> {
          handler.onPartialResponse("beca");
          handler.onError(new InternalServerException("gone"));
        });
    LimitedModel limited = model.limited(limits(10_000, 10_000, 2));
    assertThatThrownBy(() -> limited.ask(ONE, QUESTION, pieces::add))
        .hasMessage("the language model broke off");
    assertThat(pieces).containsExactly("beca");
    assertThat(model.requests).hasSize(1);
  }

  @Test
  void oneThatStallsIsGivenUp() {
    LimitedModel limited =
        model
            .stalls()
            .limited(limits(10_000, 10_000, 2), Duration.ofMillis(30), true, System::nanoTime);
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.TIMEOUT);
    assertThat(model.requests).hasSize(1);
  }

  @Test
  void oneThatFloodsIsBrokenOff() {
    LimitedModel limited = model.says("x".repeat(1_000_000)).limited(limits(90_000, 90_000, 2));
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.FLOOD);
    assertThat(String.join("", pieces)).hasSizeLessThanOrEqualTo(1_600);
  }

  @Test
  void theBreakerOpensAfterFailuresInARowAndClosesAgain() {
    LimitedModel limited =
        model.fails(new AuthenticationException("no")).limited(limits(90_000, 90_000, 0));
    for (int i = 0; i < 3; i++) {
      assertThat(refusal(limited, ONE)).isEqualTo(Reason.FAILED);
    }
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.CIRCUIT_OPEN);
    assertThat(refusal(limited, OTHER)).isEqualTo(Reason.CIRCUIT_OPEN);
    assertThat(model.requests).hasSize(3);

    model.now = model.now.plusSeconds(59);
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.CIRCUIT_OPEN);
    model.now = model.now.plusSeconds(2);
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.FAILED);
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.CIRCUIT_OPEN);
    model.now = model.now.plusSeconds(61);
    model.says("because");
    // the script of failures has one left
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.FAILED);
    model.now = model.now.plusSeconds(61);
    limited.chat(ONE).chat(QUESTION);
    limited.chat(ONE).chat(QUESTION);
    assertThat(model.heard.stream().filter(h -> h.startsWith("breaker")))
        .containsExactly(
            "breaker OPEN",
            "breaker HALF_OPEN",
            "breaker OPEN",
            "breaker HALF_OPEN",
            "breaker OPEN",
            "breaker HALF_OPEN",
            "breaker CLOSED");
  }

  @Test
  void whatIsRejectedOrLeftDoesNotOpenTheBreaker() {
    LimitedModel limited =
        model.fails(new InvalidRequestException("too long")).limited(limits(90_000, 90_000, 0));
    for (int i = 0; i < 5; i++) {
      assertThat(refusal(limited, ONE)).isEqualTo(Reason.REJECTED);
    }
    model.says("because");
    assertThat(refusal(limited, ONE)).isEqualTo(Reason.REJECTED);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(
              () ->
                  limited.ask(
                      ONE,
                      QUESTION,
                      piece -> {
                        throw new IllegalStateException("left");
                      }))
          .hasMessage("left");
    }
    assertThat(limited.chat(ONE).chat(QUESTION).aiMessage().text()).isEqualTo("because");
  }
}
