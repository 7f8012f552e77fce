package io.foresplit.app.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foresplit.app.service.VirtualRun.Interval;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Reasoning;
import io.foresplit.diagnoser.llm.FakeEndpoint;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program's {@code serve} on Kafka with a language model behind an endpoint: what is decided is
 * what virtual time decides without one, whatever the model says and however long it takes.
 */
@Timeout(240)
class ServiceWithModelTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern FACT = Pattern.compile("\\n(E1) \"([^\"]*)\"");
  private static final Pattern CONSOLE = Pattern.compile("console (http://[^\\s),]+)");
  private static final int INTERVALS = 180;
  private static VirtualRun run;

  /** The interval, counted from 0, in which the incident opens, and the one after the move. */
  private static int opened;

  private static int moved;

  @TempDir private Path folder;

  @BeforeAll
  static void runInVirtualTime() throws Exception {
    run =
        VirtualRun.of(
            VirtualTimeOnKafkaTest.JOB,
            Instant.now().truncatedTo(ChronoUnit.HOURS).plus(6, ChronoUnit.HOURS),
            1,
            INTERVALS,
            Disturbance.lasting(
                DisturbanceKind.UPLINK_FADE, new ComponentId("device->edge"), 600, 300, 8));
    opened = run.first(Interval::incidents, i -> i.phase() == Incident.Phase.OPEN);
    moved = 1 + run.first(Interval::journal, JournalEntry.Executed.class::isInstance);
    assertThat(run.intervals().get(opened).diagnoses()).hasSize(1);
  }

  private Replay replay(FakeEndpoint endpoint) throws IOException {
    return replay(endpoint, "");
  }

  private Replay replay(FakeEndpoint endpoint, String more) throws IOException {
    return new Replay(
        run,
        folder,
        "llm: { provider: openai-compatible, model: fake, baseUrl: '"
            + endpoint.url()
            + "'"
            + more
            + " }");
  }

  /** What a request asks for, and an answer to it. */
  private static UnaryOperator<String> answers(UnaryOperator<String> diagnosis, String chat) {
    return body -> {
      JsonNode messages = read(body).path("messages");
      String rules = messages.get(0).path("content").asText();
      if (rules.contains("disproof")) {
        return diagnosis.apply(messages.get(1).path("content").asText());
      }
      return rules.contains("hold") ? "{\"hold\": [1]}" : chat;
    };
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An answer that repeats the first fact it was told. */
  private static ObjectNode honest(String told) {
    Matcher fact = FACT.matcher(told);
    assertThat(fact.find()).as(told).isTrue();
    ObjectNode answer = JSON.createObjectNode();
    answer.put("component", "device->edge").put("cause", "uplink-fade");
    answer
        .putArray("steps")
        .addObject()
        .put("claim", fact.group(2).replace("\\u003e", ">"))
        .putArray("evidence")
        .add(fact.group(1));
    answer
        .putArray("recommendations")
        .addObject()
        .put("action", "notify-operator")
        .put("reason", "Somebody should look at the antenna of the device.");
    return answer.put("disproof", "The rate of the link comes back while steps stay slow.");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aModelThatTakesItsTimeExplainsWhatWasDecidedWithoutIt() throws Exception {
    CountDownLatch thought = new CountDownLatch(1);
    try (FakeEndpoint endpoint =
            new FakeEndpoint(
                body -> {
                  await(thought);
                  return answers(told -> honest(told).toString(), "It is the radio link [E1].")
                      .apply(body);
                });
        Replay replay = replay(endpoint)) {
      replay.replayTo(opened + 1);
      replay.await(() -> !endpoint.sent.isEmpty(), "a question to the model");
      assertThat(replay.topics().diagnoses()).hasSize(1);
      assertThat(replay.topics().revisions()).isEmpty();
      thought.countDown();
      replay.await(() -> !replay.topics().revisions().isEmpty(), "what the model says");

      Diagnosis told = replay.topics().diagnoses().get(0);
      Diagnosis revised = replay.topics().revisions().get(0);
      assertThat(revised.incident()).isEqualTo(told.incident());
      assertThat(revised.revision()).isEqualTo(told.revision() + 1);
      assertThat(revised.ranked()).isEqualTo(told.ranked());
      assertThat(revised.evidence()).isEqualTo(told.evidence());
      assertThat(revised.reasoner()).isEqualTo("statistics+llm:fake");
      assertThat(revised.reasoning().map(Reasoning::disproof))
          .contains("The rate of the link comes back while steps stay slow.");
      assertThat(revised.explanation()).contains("[E1]");

      String console = console(replay);
      assertThat(asked(console, told.incident().id()))
          .contains("It is the radio link [E1]", "event: citation", "answered");
      assertThat(get(console + "/metrics"))
          .contains(
              "foresplit_llm_diagnoses_asked_total 1.0",
              "foresplit_llm_diagnoses_survived_total 1.0",
              "foresplit_llm_breaker{state=\"closed\"} 1.0");

      replay.replayTo(moved);
      replay.assertSame();
    }
  }

  @Test
  void aModelThatLiesChangesNothing() throws Exception {
    try (FakeEndpoint endpoint =
            new FakeEndpoint(
                answers(
                    told ->
                        honest(told).put("component", "cloud").put("cause", "node-loss").toString(),
                    "The cloud has burnt down, 99 % of it [E77]."));
        Replay replay = replay(endpoint)) {
      replay.replayTo(moved);
      replay.await(() -> endpoint.sent.size() > 1, "a second question to the model");
      replay.assertSame();
      assertThat(replay.topics().revisions()).isEmpty();

      String console = console(replay);
      assertThat(asked(console, replay.topics().incidents().get(0).id()))
          .doesNotContain("burnt", "E77")
          .contains("Without the language model", "device->edge");
      assertThat(get(console + "/metrics"))
          .contains("foresplit_llm_diagnoses_survived_total 0.0")
          .containsPattern("dropped_total\\{reason=\"another_cause\"} [1-9]");
    }
  }

  @Test
  void aModelThatBreaksOffCitesWhatIsNotThereFloodsAndStallsChangesNothing() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    Queue<UnaryOperator<String>> thoughts =
        new ConcurrentLinkedQueue<>(
            List.of(
                answers(told -> honest(told).toString().substring(0, 60), ""),
                answers(told -> honest(told).toString().replace("\"E1\"", "\"E77\""), ""),
                body -> "It is a link, ".repeat(2_000)));
    try (FakeEndpoint endpoint =
            new FakeEndpoint(
                body -> {
                  UnaryOperator<String> next = thoughts.poll();
                  if (next != null) {
                    return next.apply(body);
                  }
                  await(over);
                  return "";
                });
        Replay replay = replay(endpoint, ", timeout: 2s, retries: 0")) {
      replay.replayTo(moved);
      replay.await(() -> endpoint.sent.size() > 1, "a second question to the model");
      String console = console(replay);
      for (String endless : List.of("flood", "stall")) {
        assertThat(asked(console, replay.topics().incidents().get(0).id()))
            .as(endless)
            .contains("Without the language model", "device->edge", "answered");
      }
      over.countDown();

      replay.assertSame();
      assertThat(replay.topics().revisions()).isEmpty();
      assertThat(get(console + "/metrics"))
          .contains("foresplit_llm_diagnoses_survived_total 0.0")
          .contains("foresplit_llm_failures_total{reason=\"flood\"} 1.0")
          .containsPattern("failures_total\\{reason=\"timeout\"} [1-9]")
          .containsPattern("dropped_total\\{reason=\"citation\"} 1");
    }
  }

  private static String console(Replay replay) throws IOException {
    Matcher console = CONSOLE.matcher(replay.printed());
    assertThat(console.find()).as("the address of the console is printed").isTrue();
    return console.group(1);
  }

  private static String asked(String console, IncidentId incident) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(console + "/api/incidents/" + incident + "/chat"))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString("{\"question\": \"why is training slow?\"}")));
  }

  private static String get(String url) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(url)));
  }

  private static String send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }
}
