package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Cause;
import io.foresplit.diagnoser.chat.ChatEvent;
import io.foresplit.diagnoser.chat.ChatEvent.Token;
import io.foresplit.diagnoser.chat.IncidentChat;
import io.foresplit.diagnoser.chat.IncidentFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The chat about diagnoses as the stage makes them. */
class RealDiagnosisChatTest {
  private static String ask(IncidentFacts facts, String question) {
    List<ChatEvent> events = new ArrayList<>();
    new IncidentChat(new StepTimeModel()).answer(facts, List.of(), question, events::add);
    return events.stream()
        .filter(Token.class::isInstance)
        .map(event -> ((Token) event).text())
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void whyNamesTheTopCauseWithItsEvidence(Cause cause) {
    IncidentFacts facts = Worlds.of(cause, 7).facts();
    var top = facts.diagnosis().orElseThrow().top().orElseThrow();
    assertThat(ask(facts, "why?"))
        .contains(Words.clause(top.cause(), top.component()) + " [" + top.evidence().get(0) + "]");
    assertThat(ask(facts, "what should I check?")).contains(top.component().value());
  }

  @Test
  void everyFactIsListedWithWhatItIs() {
    IncidentFacts facts = Worlds.of(Cause.UPLINK_FADE, 7).facts();
    assertThat(facts.evidence()).hasSizeGreaterThan(3);
    String told = ask(facts, "what is the evidence?");
    facts
        .evidence()
        .forEach(
            fact -> {
              String nature =
                  fact.statement().contains("step time model")
                      ? "Predicted: "
                      : fact.statement().contains("forecast")
                          ? "Measured and forecast: "
                          : "Measured: ";
              assertThat(told).contains(nature + fact.statement() + " [" + fact.id() + "].");
            });
    assertThat(told).contains("Predicted: ", "Measured and forecast: ");
  }
}
