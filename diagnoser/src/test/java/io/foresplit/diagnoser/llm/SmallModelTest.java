package io.foresplit.diagnoser.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.foresplit.contract.Cause;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.Refusal;
import io.foresplit.diagnoser.StepTimeModel;
import io.foresplit.diagnoser.Worlds;
import io.foresplit.diagnoser.chat.Asking;
import io.foresplit.diagnoser.chat.ChatEvent.Status;
import io.foresplit.diagnoser.chat.IncidentFacts;
import io.foresplit.diagnoser.chat.RecordedIncident;
import io.foresplit.diagnoser.llm.local.LocalModelConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Investigations by the small model itself, where it was pulled. */
@Timeout(600)
class SmallModelTest {
  private static final String NAME = "smollm2-135m";
  private static final int INCIDENTS = 14;

  /** A slow machine has a smaller sample, which is told. */
  private static final Duration LONGEST = Duration.ofSeconds(45);

  private static final Pattern CITATION = Pattern.compile("\\[(\\w+)\\]");

  /** Where {@code ./foresplit model pull} puts it. */
  private static Path file() {
    Map<String, String> environment = System.getenv();
    String data =
        environment.getOrDefault(
            "XDG_DATA_HOME", Path.of(System.getProperty("user.home"), ".local/share").toString());
    String folder = environment.getOrDefault("FORESPLIT_MODELS", data + "/foresplit/models");
    return Path.of(folder, NAME + ".gguf");
  }

  /** Tells how many tokens a prompt had, and how many were expected. */
  private record Counting(ChatModel model, List<Integer> spared) implements ChatModel {
    @Override
    public ChatResponse doChat(ChatRequest request) {
      ChatResponse response = model.chat(request);
      spared.add(
          request.messages().stream().map(ScriptedModel::text).mapToInt(Telemetry::tokens).sum()
              - response.tokenUsage().inputTokenCount());
      return response;
    }

    @Override
    public Set<Capability> supportedCapabilities() {
      return model.supportedCapabilities();
    }
  }

  /** As the service would have it, but for its patience: this machine may be busy. */
  private static LlmConfig config() {
    Path file = file();
    if (!Files.exists(file)) {
      System.out.println("skipped: no " + file + "; get it with ./foresplit model pull " + NAME);
    }
    assumeTrue(Files.exists(file), "the model is not there");
    return LlmConfig.local(NAME, LocalModelConfig.of(file), Duration.ofMinutes(2));
  }

  @Test
  void inAChatAllThatIsCitedExists() {
    LlmConfig config = config();
    IncidentFacts facts = RecordedIncident.whole().facts();
    try (LanguageModel model = LanguageModel.of(config, System::nanoTime).orElseThrow();
        LimitedModel limited =
            new LimitedModel(
                model,
                config.timeout(),
                LlmLimits.defaults(),
                false,
                incident -> Optional.of(facts),
                Map::of,
                InstantSource.system(),
                System::nanoTime,
                LlmListener.NONE)) {
      Asking asking =
          new Asking(
              facts,
              new ModelChat(
                  limited, NAME, new StepTimeModel(), (shelves, query, most) -> List.of()));
      for (String question : List.of("why?", "did it help?")) {
        Asking.Answer answer = asking.ask(question); // which checks its citations
        System.out.println(question + " " + answer.text());
        assertThat(answer.status()).isEqualTo(Status.ANSWERED);
        assertThat(answer.text()).contains("anguage model " + NAME);
      }
    }
  }

  @Test
  void allThatIsCitedExistsAndTheShareThatSurvivesIsTold() {
    LlmConfig config = config();
    Map<Refusal, Integer> refused = new EnumMap<>(Refusal.class);
    List<Integer> dropped = new ArrayList<>();
    DiagnoserListener listener =
        new DiagnoserListener() {
          @Override
          public void reasonerAccepted(Diagnosis revised, int steps) {
            dropped.add(steps);
          }

          @Override
          public void reasonerRefused(Diagnosis diagnosis, Set<Refusal> reasons) {
            reasons.forEach(reason -> refused.merge(reason, 1, Integer::sum));
          }
        };
    List<Integer> spared = new ArrayList<>();
    List<Cause> causes = List.of(Cause.values());
    long end = System.nanoTime() + LONGEST.toNanos();
    int asked = 0;
    try (LanguageModel model = LanguageModel.of(config, System::nanoTime).orElseThrow()) {
      ChatModel counting = new Counting(model.chat(), spared);
      for (int i = 0; i < INCIDENTS && System.nanoTime() < end; i++) {
        Worlds world = Worlds.of(causes.get(i % causes.size()), 1_000 + i);
        if (world.diagnosis().abstained()) {
          continue;
        }
        asked++;
        try (Investigator investigator =
            new Investigator(
                InvestigatorConfig.of(config),
                diagnosis -> counting,
                diagnosis -> Optional.of(world.facts()),
                (shelves, query, most) -> List.of(),
                new StepTimeModel(),
                listener)) {
          investigator.reason(world.diagnosis()).ifPresent(SmallModelTest::check);
        }
      }
    }
    System.out.println(
        String.format(
            Locale.ROOT,
            "%s: %d of %d answers survived (%d steps left out); refused %s; %d requests",
            NAME,
            dropped.size(),
            asked,
            dropped.stream().mapToInt(steps -> steps).sum(),
            new TreeMap<>(refused),
            spared.size()));
    assertThat(asked).isPositive();
    assertThat(refused).doesNotContainKey(Refusal.NO_ANSWER);
    assertThat(spared).isNotEmpty().allMatch(tokens -> tokens >= 0);
  }

  private static void check(Diagnosis revised) {
    System.out.println(revised.explanation() + " | " + revised.reasoning().orElseThrow());
    Set<String> known = revised.evidence().stream().map(Evidence::id).collect(Collectors.toSet());
    Matcher citation = CITATION.matcher(revised.explanation());
    assertThat(citation.find()).isTrue();
    do {
      assertThat(known).contains(citation.group(1));
    } while (citation.find());
    assertThat(revised.reasoning().orElseThrow().steps())
        .allMatch(step -> known.containsAll(step.evidence()));
  }
}
