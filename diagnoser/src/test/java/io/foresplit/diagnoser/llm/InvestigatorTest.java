package io.foresplit.diagnoser.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import io.foresplit.contract.Diagnosis;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.Refusal;
import io.foresplit.diagnoser.StepTimeModel;
import io.foresplit.diagnoser.Worlds;
import io.foresplit.diagnoser.chat.IncidentFacts;
import io.foresplit.diagnoser.library.Passage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvestigatorTest {
  private static final InvestigatorConfig CONFIG =
      new InvestigatorConfig("fake", Duration.ofMinutes(1), 3_000, 500, 4, false);

  private final Worlds world = Worlds.uplinkFade();
  private final Diagnosis statistical = world.diagnosis();
  private final IncidentFacts facts = world.facts();
  private final List<String> heard = new ArrayList<>();
  private final DiagnoserListener listener =
      new DiagnoserListener() {
        @Override
        public void reasonerAsked(Diagnosis diagnosis) {
          heard.add("asked");
        }

        @Override
        public void reasonerAccepted(Diagnosis revised, int dropped) {
          heard.add("accepted without " + dropped);
        }

        @Override
        public void reasonerRefused(Diagnosis diagnosis, Set<Refusal> reasons) {
          reasons.forEach(reason -> heard.add(reason.label()));
        }
      };

  private Investigator investigator(ChatModel model, InvestigatorConfig config) {
    return new Investigator(
        config,
        diagnosis -> model,
        diagnosis -> Optional.of(facts),
        (shelves, query, most) ->
            List.of(new Passage("runbook:x", "Fading", "Look at <the> link.", 1)),
        new StepTimeModel(),
        listener);
  }

  private Optional<Diagnosis> ask(ChatModel model, InvestigatorConfig config) {
    try (Investigator investigator = investigator(model, config)) {
      return investigator.reason(statistical);
    }
  }

  private Optional<Diagnosis> ask(ChatModel model) {
    return ask(model, CONFIG);
  }

  private String good() {
    return ScriptedModel.good(statistical).toString();
  }

  private String but(Consumer<ObjectNode> change) {
    ObjectNode answer = ScriptedModel.good(statistical);
    change.accept(answer);
    return answer.toString();
  }

  @Test
  void aGoodAnswerIsTheNextRevisionAlsoInAFence() {
    Diagnosis revised = ask(ScriptedModel.saying("```json\n" + good() + "\n```")).orElseThrow();
    assertThat(revised.revision()).isEqualTo(statistical.revision() + 1);
    assertThat(revised.ranked()).isEqualTo(statistical.ranked());
    assertThat(revised.explanation()).contains("[" + statistical.evidence().get(0).id() + "].");
    assertThat(revised.reasoning().orElseThrow().model()).isEqualTo("fake");
    assertThat(heard).containsExactly("asked", "accepted without 0");
  }

  @Test
  void theModelIsToldTheMostImportantFirstAndNothingIsCut() {
    ScriptedModel model = ScriptedModel.saying(good());
    ask(model);
    String whole = ScriptedModel.text(model.requests.get(0).messages().get(1));
    assertThat(whole)
        .startsWith(Telemetry.OPEN + "\ncause \"uplink-fade of ")
        .endsWith("\n" + Telemetry.CLOSE)
        .containsSubsequence("\nE1 ", "\naction ", "\nlayers ", "\nnode ", "\nlink ", "\nrunbook ")
        .contains("Look at \\u003cthe> link.");

    int length = 0;
    for (int tokens = 200; tokens < 1_000; tokens += 50) {
      ScriptedModel brief = ScriptedModel.saying(good());
      ask(brief, new InvestigatorConfig("fake", CONFIG.limit(), tokens, 500, 0, false));
      String text = ScriptedModel.text(brief.requests.get(0).messages().get(1));
      String items = text.substring(0, text.length() - Telemetry.CLOSE.length());
      assertThat(whole).startsWith(items);
      assertThat(Telemetry.tokens(items)).isLessThanOrEqualTo(tokens + 10);
      assertThat(items.length()).isGreaterThanOrEqualTo(length);
      length = items.length();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "component, cloud, another-cause",
    "cause, label-drift, another-cause",
    "disproof, 'Call us on 061 23 45 67 89 when the rate falls.', number",
    "disproof, 'See https://example.com for the rate.', not-plain",
  })
  void aLieIsAskedAboutOnceMoreAndThenDropped(String field, String lie, String reason) {
    ScriptedModel model = ScriptedModel.saying(but(answer -> answer.put(field, lie)));
    assertThat(ask(model)).isEmpty();
    assertThat(model.requests).hasSize(2);
    assertThat(heard).containsExactly("asked", reason);
    String again = ScriptedModel.text(model.requests.get(1));
    assertThat(again).contains("Your answer was refused (" + reason);
    assertThat(model.requests.get(1).messages()).hasSize(2);
  }

  @Test
  void whatIsNotThereOrNotAllowedIsDropped() {
    ask(
        ScriptedModel.saying(
            but(
                answer ->
                    answer
                        .withArray("steps")
                        .forEach(s -> ((ObjectNode) s).putArray("evidence").add("E77")))));
    ask(
        ScriptedModel.saying(
            but(
                answer ->
                    answer
                        .withArray("recommendations")
                        .forEach(r -> ((ObjectNode) r).put("action", "move-layers cloud[0-4]")))));
    ask(
        ScriptedModel.saying(
            but(
                answer ->
                    answer
                        .withArray("steps")
                        .forEach(
                            s ->
                                ((ObjectNode) s)
                                    .put("claim", "The rate of the link rose by far.")))));
    assertThat(heard)
        .containsExactly("asked", "citation", "asked", "action", "asked", "unconfirmed");
  }

  @Test
  void brokenAndEndlessAnswersAreUnreadable() {
    for (String broken :
        List.of(
            "",
            "{\"component\": ",
            "[]",
            "{}",
            "{" + "x".repeat(1_000_000) + "}",
            "{\"a\":".repeat(3_000) + "1" + "}".repeat(3_000))) {
      heard.clear();
      assertThat(ask(ScriptedModel.saying(broken))).isEmpty();
      assertThat(heard).containsExactly("asked", "unreadable");
    }
    assertThat(ask(ScriptedModel.saying("no JSON", good()))).isPresent();
    String flood = but(answer -> answer.put("disproof", "very ".repeat(2_000)));
    heard.clear();
    assertThat(ask(ScriptedModel.saying(flood))).isEmpty();
    assertThat(heard).containsExactly("asked", "form");
  }

  @Test
  void aModelThatFailsHasNoAnswer() {
    ScriptedModel model =
        new ScriptedModel(
            request -> {
              throw new IllegalStateException("503");
            });
    assertThat(ask(model)).isEmpty();
    assertThat(model.requests).hasSize(1);
    assertThat(heard).containsExactly("asked", "no-answer");
  }

  @Test
  void aModelThatStallsIsGivenUpInTimeAlsoWhileItStillStalls() {
    CountDownLatch never = new CountDownLatch(1);
    ScriptedModel model =
        new ScriptedModel(
            request -> {
              while (never.getCount() > 0) {
                try {
                  never.await();
                } catch (InterruptedException e) {
                  // it does not care
                }
              }
              return AiMessage.from(good());
            });
    InvestigatorConfig hasty =
        new InvestigatorConfig("fake", Duration.ofMillis(50), 3_000, 500, 0, false);
    try (Investigator investigator = investigator(model, hasty)) {
      assertThat(investigator.reason(statistical)).isEmpty();
      assertThat(investigator.reason(statistical)).isEmpty();
    }
    never.countDown();
    assertThat(heard).containsExactly("asked", "too-late", "asked", "too-late");
  }

  @Test
  void anAbstainedDiagnosisIsNotAskedAbout() {
    try (Investigator investigator = investigator(ScriptedModel.saying(good()), CONFIG)) {
      assertThat(investigator.reason(Worlds.noise().diagnosis())).isEmpty();
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void withoutTheRecordedFactsTheDiagnosisAloneIsExplained() {
    ScriptedModel model = ScriptedModel.saying(good());
    try (Investigator investigator =
        new Investigator(
            CONFIG,
            diagnosis -> model,
            diagnosis -> Optional.empty(),
            (shelves, query, most) -> List.of(),
            new StepTimeModel(),
            listener)) {
      assertThat(investigator.reason(statistical)).isPresent();
    }
    assertThat(model.requests.get(0).toolSpecifications()).isNullOrEmpty();
    assertThat(ScriptedModel.text(model.requests.get(0))).doesNotContain("move-layers");
  }

  private static AiMessage calling(String tool, String arguments) {
    return AiMessage.from(
        ToolExecutionRequest.builder().id("1").name(tool).arguments(arguments).build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "metrics | {'component':'job','metric':'STEP_SECONDS'} | the step time of the job was",
        "forecast | {'component':'job','metric':'LOSS'} | no forecast of the loss",
        "topology | {} | at the incident device[0",
        "actions | '' | no action is recorded",
        "runbooks | {'query':'link'} | Fading: Look at",
        "past-incidents | {'query':'link'} | Fading: Look at",
        "what-if | {'change':'layers 2-4 on edge'} | a step is predicted to take",
        "what-if | {'change':'layers 0-4 on cloud'} | not allowed: ",
        "what-if | {'change':'all of them'} | error: ",
        "metrics | {'component':'../etc','metric':'STEP_SECONDS'} | error: ",
        "metrics | {'component':'job','metric':'NONE'} | error: ",
        "metrics | no JSON | error: ",
        "shell | {'command':'env'} | error: ",
      })
  void theModelLooksUpWhatIsRecorded(String tool, String arguments, String result) {
    ScriptedModel model =
        new ScriptedModel(
            request ->
                request.messages().stream().anyMatch(ToolExecutionResultMessage.class::isInstance)
                    ? AiMessage.from(good())
                    : calling(tool, arguments.replace('\'', '"')));
    assertThat(ask(model)).isPresent();
    List<String> told =
        model.requests.get(1).messages().stream()
            .filter(ToolExecutionResultMessage.class::isInstance)
            .map(ScriptedModel::text)
            .toList();
    assertThat(told).hasSize(1);
    assertThat(told.get(0)).startsWith(Telemetry.OPEN + "\n\"" + result).hasSizeLessThan(3_200);
  }

  @Test
  void aModelThatTakesNoToolsIsAskedWithoutThem() {
    ScriptedModel model =
        new ScriptedModel(
            request -> {
              if (request.toolSpecifications() != null && !request.toolSpecifications().isEmpty()) {
                throw new LlmUnavailableException(
                    LlmUnavailableException.Reason.REJECTED, "tools are not supported");
              }
              return AiMessage.from(good());
            });
    assertThat(ask(model)).isPresent();
    assertThat(model.requests).hasSize(2);
    assertThat(heard).containsExactly("asked", "accepted without 0");
  }

  @Test
  void aModelThatLooksThingsUpForEverHasToAnswerInTheEnd() {
    ScriptedModel forever = new ScriptedModel(request -> calling("topology", "{}"));
    assertThat(ask(forever)).isEmpty();
    assertThat(heard).containsExactly("asked", "unreadable");
    assertThat(forever.requests).hasSize(CONFIG.lookUps() + 2);
    assertThat(forever.requests.get(CONFIG.lookUps()).toolSpecifications()).isNullOrEmpty();

    ScriptedModel atOnce =
        new ScriptedModel(
            request ->
                AiMessage.from(
                    Collections.nCopies(
                        10_000, calling("topology", "{}").toolExecutionRequests().get(0))));
    assertThat(ask(atOnce)).isEmpty();
    assertThat(atOnce.requests).hasSize(3);
  }

  @Test
  void claimsTheModelDoesNotConfirmAreLeftOut() {
    InvestigatorConfig careful =
        new InvestigatorConfig("fake", CONFIG.limit(), 3_000, 500, 0, true);
    String two =
        but(
            answer ->
                answer
                    .withArray("steps")
                    .addObject()
                    .put("claim", "The rate is what everybody waits for.")
                    .putArray("evidence")
                    .add("E1"));
    Diagnosis revised =
        ask(ScriptedModel.saying(two, "{\"hold\": [1, 99]}"), careful).orElseThrow();
    assertThat(revised.reasoning().orElseThrow().steps()).hasSize(1);
    assertThat(heard).containsExactly("asked", "accepted without 1");

    heard.clear();
    assertThat(ask(ScriptedModel.saying(two, "{\"hold\": []}", two, "whatever"), careful))
        .isEmpty();
    assertThat(heard).containsExactly("asked", "unconfirmed");

    List<String> answers = new ArrayList<>(List.of(two));
    ScriptedModel spent =
        new ScriptedModel(
            request -> {
              if (answers.isEmpty()) {
                throw new IllegalStateException("no tokens are left");
              }
              return AiMessage.from(answers.remove(0));
            });
    assertThat(ask(spent, careful).orElseThrow().reasoning().orElseThrow().steps()).hasSize(2);
  }

  @Test
  void aSchemaHoldsAModelToTheCauseAndToWhatItWasGiven() throws Exception {
    Briefing briefing =
        Briefing.of(
            statistical,
            Optional.of(facts),
            (shelves, query, most) -> List.of(),
            new StepTimeModel(),
            600);
    JsonNode schema =
        new ObjectMapper()
            .readTree(
                ((JsonRawSchema)
                        AnswerForm.format(statistical, briefing).jsonSchema().rootElement())
                    .schema());
    assertThat(schema.at("/properties/component/enum"))
        .extracting(JsonNode::asText)
        .containsExactly(statistical.top().orElseThrow().component().value());
    assertThat(schema.at("/properties/cause/enum")).hasSize(1);
    assertThat(schema.at("/properties/steps/items/properties/evidence/items/enum"))
        .extracting(JsonNode::asText)
        .containsExactlyElementsOf(briefing.facts());
    assertThat(schema.at("/properties/recommendations/items/properties/action/enum"))
        .extracting(JsonNode::asText)
        .containsExactlyElementsOf(briefing.actions())
        .anyMatch(action -> action.startsWith("move-layers device["));
    assertThat(schema.path("required")).hasSize(5);
  }

  @Test
  void limitsThatMakeNoSenseAreNamedAllAtOnce() {
    assertThatThrownBy(() -> new InvestigatorConfig("m", Duration.ZERO, 1, 1, -1, false))
        .hasMessageContaining("limit must be positive")
        .hasMessageContaining("briefingTokens must be")
        .hasMessageContaining("answerTokens must be")
        .hasMessageContaining("lookUps must be");
  }
}
