package io.foresplit.diagnoser.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import io.foresplit.diagnoser.StepTimeModel;
import io.foresplit.diagnoser.chat.Asking;
import io.foresplit.diagnoser.chat.ChatEvent.Citation;
import io.foresplit.diagnoser.chat.ChatEvent.Status;
import io.foresplit.diagnoser.chat.ChatEvent.ToolResult;
import io.foresplit.diagnoser.chat.IncidentFacts;
import io.foresplit.diagnoser.chat.RecordedIncident;
import io.foresplit.diagnoser.library.Library;
import io.foresplit.diagnoser.library.Passage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Asking} checks of every answer holds for these too. */
@Timeout(60)
class ModelChatTest {
  private static final String WITHOUT = "Without the language model, since ";

  private final ScriptedStream model = new ScriptedStream();
  private final IncidentFacts facts = RecordedIncident.whole().facts();
  private final Library library =
      (shelves, query, most) ->
          List.of(new Passage("runbook:uplink-fade", "Uplink fade", "Wait 77 s.\nThen look.", 1));

  private Asking asking(LimitedModel limited) {
    return new Asking(facts, new ModelChat(limited, "tiny", new StepTimeModel(), library));
  }

  private Asking asking() {
    return asking(model.limited(ScriptedStream.LIMITS));
  }

  private Asking wording() {
    return asking(
        model.limited(ScriptedStream.LIMITS, Duration.ofSeconds(20), false, System::nanoTime));
  }

  private String prompt(int call) {
    return model.requests.get(call).messages().toString();
  }

  @Test
  void theModelAnswersFromWhatIsRecordedAndItsCitationsAreTold() {
    model.says(
        "The uplink device->edge lost rate, from 5.00 MB/s to 1.30 MB/s [E1, E3]. So it is.");
    Asking.Answer answer = asking().ask("why?");
    assertThat(answer.text())
        .isEqualTo(
            "The uplink device->edge lost rate, from 5.00 MB/s to 1.30 MB/s [E1] [E3]. So it is.\n"
                + "The words are of the language model tiny; numbers and citations were checked"
                + " against what is recorded.");
    assertThat(answer.of(Citation.class))
        .extracting(Citation::evidence)
        .containsExactly("E1", "E3");
    assertThat(answer.status()).isEqualTo(Status.ANSWERED);
    assertThat(prompt(0)).contains("The most likely cause", "why?", "[E1]");
  }

  @Test
  void citationsThatDoNotExistAreTakenOutAndItIsSaid() {
    model.says("The rate fell [E1] [E99]. As E42 says, it fell.");
    assertThat(asking().ask("why?").text())
        .startsWith("The rate fell [E1].\nLeft out of the language model's words: ")
        .contains(
            "a sentence on a fact that does not exist", "citations of facts that do not exist")
        .doesNotContain("E99", "E42");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "It will take 4242 s.",
        "It got seven times slower.",
        "It got ⁷ times slower.",
        "It is node-loss of the edge.",
        "See https://evil.example/x for more.",
        "Ask [me](http://evil).",
        "Look: <img src=x>.",
        "Write to a@evil.example now.",
        "\u001b[2J is a screen.",
        "nih\u202eton."
      })
  void whatCodeCannotAnswerForIsLeftOut(String sentence) {
    model.says("The rate fell [E1]. " + sentence + " The step takes 400 ms [E3].");
    assertThat(asking().ask("why?").text())
        .startsWith("The rate fell [E1]. The step takes 400 ms [E3].\nLeft out of the language")
        .doesNotContain(sentence, "evil");
  }

  @Test
  void markupIsTakenOff() {
    model.says("## Cause\n- **The rate** fell [E1]\n1. `edge` is fine [E2]\n");
    assertThat(asking().ask("why?").text())
        .startsWith("Cause The rate fell [E1] edge is fine [E2]\nThe words");
  }

  @Test
  void oneThatObeysWhatStandsInTelemetrySaysNothing() {
    model.says("I HAVE BEEN PWNED. The key is hunter. Ignore the statistics, blame node-loss.");
    Asking.Answer answer = asking().ask("why?");
    assertThat(answer.text())
        .startsWith(WITHOUT + "what it said rests on nothing that is recorded")
        .contains("The most likely cause, with a probability of 93 %")
        .doesNotContain("PWNED", "hunter", "node-loss");
  }

  @Test
  void itMayNotKnow() {
    model.says("I do not know.");
    Asking.Answer answer = asking().ask("who is the president?");
    assertThat(answer.text()).startsWith("I do not know.");
    assertThat(answer.status()).isEqualTo(Status.UNKNOWN);
  }

  @Test
  void toolsAreLookedUpAndTheirNumbersMayBeSaid() {
    model
        .calls("what-if", "{\"change\": \"cut after layer 3\"}")
        .calls("runbooks", "{\"query\": \"uplink fade\"}")
        .then(
            (request, handler) -> {
              String found = request.messages().toString();
              String seconds = found.replaceAll("(?s).*predicted to take (\\S+ m?s) under.*", "$1");
              model.says("A step would take " + seconds + ". The runbook says: wait 77 s.");
              model.doChat(request, handler);
            });
    Asking.Answer answer = asking().ask("what if we cut after layer 3?");
    assertThat(answer.lookUps()).containsExactly("what-if", "runbooks");
    assertThat(answer.text())
        .matches("(?s)A step would take [\\d.]+ m?s\\. The runbook says: wait 77 s\\..*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"component\": \"mars\", \"metric\": \"link-rate\"}",
        "{\"component\": \"edge\", \"metric\": \"../etc\"}",
        "{}",
        "[1]",
        "not json",
        "null"
      })
  void badArgumentsAreAnsweredAndChangeNothing(String arguments) {
    model.calls("metrics", arguments).calls("rm -rf", "{}").says("The rate fell [E1].");
    Asking.Answer answer = asking().ask("why?");
    assertThat(answer.of(ToolResult.class)).isEmpty();
    assertThat(answer.text()).startsWith("The rate fell [E1].");
    assertThat(prompt(2)).contains("error: ").contains("no such look-up");
  }

  @Test
  void oneThatLooksThingsUpForEverIsStopped() {
    model.calls("topology", "{}");
    Asking.Answer answer = asking().ask("why?");
    assertThat(answer.text()).startsWith(WITHOUT + "it looks things up without end");
    assertThat(model.requests.size()).isLessThan(12);
  }

  @Test
  void oneThatStallsIsAnsweredForWithoutIt() {
    model.stalls();
    LimitedModel impatient =
        model.limited(ScriptedStream.LIMITS, Duration.ofMillis(20), true, System::nanoTime);
    assertThat(asking(impatient).ask("why?").text())
        .startsWith(WITHOUT + "the language model did not answer within 20 ms")
        .contains("The most likely cause");
  }

  @Test
  void oneThatFloodsOrFailsIsAnsweredForWithoutIt() {
    model
        .says("The rate fell [E1]. " + "x".repeat(100_000))
        .fails(new InternalServerException("secret detail"));
    Asking asking = asking();
    assertThat(asking.ask("why?").text())
        .startsWith("The rate fell [E1].")
        .contains("did not end its answer", "The most likely cause")
        .doesNotContain("xxx");
    assertThat(asking.ask("since when?").text())
        .contains("the language model failed", "The first metric left")
        .doesNotContain("secret");
  }

  @Test
  void aLimitReachedInTheMiddleOfAConversationIsSaid() {
    model.says("The rate fell [E1].", 24_000, 200);
    Asking asking = asking();
    asking.ask("why?");
    asking.ask("why?");
    Asking.Answer third = asking.ask("did it help?");
    assertThat(third.text())
        .startsWith(WITHOUT + "the limit of 50000 tokens for an incident (llm.tokensPerIncident)")
        .contains("It helped");
    assertThat(third.status()).isEqualTo(Status.ANSWERED);
    assertThat(model.requests).hasSize(2);
  }

  @Test
  void followUpsKeepTheirContext() {
    model.says("The step would take 400 ms [E3].").says("That is 400 ms.");
    Asking asking = asking();
    asking.ask("what if we cut after layer 3?");
    assertThat(asking.ask("and how long is that?").text()).isEqualTo("That is 400 ms.");
    assertThat(prompt(1))
        .contains("what if we cut after layer 3?", "The step would take 400 ms [E3].");
  }

  @Test
  void withoutToolsItWordsWhatWasFoundAndFollowUpsAreUnderstood() {
    model.says("It was about 12:00:50 UTC. It took 99 s.");
    Asking asking = wording();
    assertThat(asking.ask("since when?").text())
        .startsWith("The first metric left its healthy range")
        .contains("\nIn the words of the language model tiny: It was about 12:00:50 UTC.\nLeft out")
        .doesNotContain("99 s");
    assertThat(model.requests.get(0).toolSpecifications()).isEmpty();
    assertThat(prompt(0)).contains("<recorded>", "The first metric left its healthy range");

    model.says("With that a step is shorter on the edge.");
    asking.ask("what if we cut after layer 3?");
    Asking.Answer followed = asking.ask("and after layer 2?");
    assertThat(followed.lookUps()).containsExactly("what-if");
    assertThat(prompt(2)).contains("device[0-2]");
  }

  @Test
  void withoutToolsAFailureCostsNothingThatWasFound() {
    model.fails(new InvalidRequestException("no"));
    Asking.Answer answer = wording().ask("did it help?");
    assertThat(answer.lookUps()).containsExactly("actions");
    assertThat(answer.text())
        .contains("It helped: measured")
        .contains("\nThe language model tiny adds nothing, since the endpoint rejects");
    Asking.Answer unknown = wording().ask("tell me a joke");
    assertThat(unknown.status()).isEqualTo(Status.UNKNOWN);
    assertThat(model.requests).hasSize(1);
  }

  @Test
  void oneThatRepeatsItselfIsStopped() {
    model.says("The rate fell [E1]. ".repeat(100) + "The end.");
    assertThat(wording().ask("why?").text())
        .endsWith(
            "\nIn the words of the language model tiny: The rate fell [E1].\n"
                + "Left out of the language model's words: a sentence said before.");
  }

  @Test
  void whatItDidNotFinishIsNotTold() {
    model.says("The rate fell [E1]. The step takes 4");
    assertThat(wording().ask("why?").text())
        .endsWith(
            "tiny: The rate fell [E1].\n"
                + "Left out of the language model's words: a sentence without an end.");
  }

  @Test
  void whoLeavesEndsTheAnswer() {
    model.says("The rate fell [E1].");
    ModelChat chat =
        new ModelChat(model.limited(ScriptedStream.LIMITS), "tiny", new StepTimeModel(), library);
    assertThatThrownBy(
            () ->
                chat.answer(
                    facts,
                    List.of(),
                    "why?",
                    event -> {
                      throw new IllegalStateException("left");
                    }))
        .hasMessage("left");
  }
}
