package io.foresplit.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.app.config.HttpConfig;
import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.SyntheticRun;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.chat.Answerer;
import io.foresplit.diagnoser.chat.ChatEvent;
import io.foresplit.diagnoser.chat.IncidentChat;
import io.foresplit.diagnoser.chat.Turn;
import io.foresplit.runtime.plan.CutPlanner;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Questions over real HTTP. */
@Timeout(60)
class ChatEndpointTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SeriesKey STEP = new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS);

  private final LiveView view = new LiveView();
  private final Steps steps = new Steps();
  private final Answerer real = new IncidentChat(new CutPlanner());
  private final ConsoleServer server =
      new ConsoleServer(
          new HttpConfig("127.0.0.1", 0, List.of()),
          view,
          new PrometheusRegistry(),
          (facts, history, question, listener) -> {
            if (question.startsWith("step by step")) {
              steps.answer(history, listener);
            } else if (question.startsWith("fail")) {
              listener.accept(new ChatEvent.Token("so far "));
              throw new IllegalStateException("as told to");
            } else {
              real.answer(facts, history, question, listener);
            }
          });
  private final HttpClient client = HttpClient.newHttpClient();

  /** Tells the next event when the test says so. */
  private static final class Steps {
    private final BlockingQueue<ChatEvent> next = new LinkedBlockingQueue<>();
    private final CompletableFuture<List<Turn>> asked = new CompletableFuture<>();
    private final CompletableFuture<Throwable> broken = new CompletableFuture<>();

    void answer(List<Turn> history, Consumer<ChatEvent> listener) {
      asked.complete(history);
      try {
        ChatEvent event;
        do {
          event = next.take();
          listener.accept(event);
        } while (!(event instanceof ChatEvent.End));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        broken.complete(e);
        throw e;
      }
    }
  }

  /** An event as it came. */
  private record Event(String name, JsonNode data) {}

  @BeforeEach
  void play() {
    SyntheticRun run = new SyntheticRun(1_000_000);
    for (int step = 0; step <= SyntheticRun.RESOLVED; step++) {
      run.interval(step, view);
    }
  }

  @AfterEach
  void stop() {
    steps.next.add(new ChatEvent.End(ChatEvent.Status.ANSWERED));
    server.close();
  }

  private HttpRequest.Builder request(String incident, String body) {
    return HttpRequest.newBuilder(
            URI.create(
                "http://127.0.0.1:" + server.port() + "/api/incidents/" + incident + "/chat"))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  private static String body(Map<String, String> members) throws Exception {
    return JSON.writeValueAsString(members);
  }

  private HttpResponse<Stream<String>> open(Map<String, String> members) throws Exception {
    return client.send(request("incident-1", body(members)).build(), BodyHandlers.ofLines());
  }

  private List<Event> ask(Map<String, String> members) throws Exception {
    HttpResponse<Stream<String>> response = open(members);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
    List<Event> events = new ArrayList<>();
    Iterator<String> lines = response.body().iterator();
    while (lines.hasNext()) {
      events.add(next(lines));
    }
    return events;
  }

  private static Event next(Iterator<String> lines) throws Exception {
    String name = lines.next();
    String data = lines.next();
    assertThat(name).startsWith("event: ");
    assertThat(data).startsWith("data: ");
    assertThat(lines.next()).isEmpty();
    return new Event(name.substring(7), JSON.readTree(data.substring(6)));
  }

  private static String text(List<Event> events) {
    StringBuilder text = new StringBuilder();
    events.stream()
        .filter(e -> e.name().equals("token"))
        .forEach(e -> text.append(e.data().path("text").asText()));
    return text.toString();
  }

  private static String conversation(List<Event> events) {
    return events.get(events.size() - 1).data().path("conversation").asText();
  }

  private String refused(int status, HttpRequest request) throws Exception {
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode body = JSON.readTree(response.body());
    assertThat(body.properties()).hasSize(1);
    assertThat(body.path("error").asText().lines()).hasSize(1);
    return body.path("error").asText();
  }

  @Test
  void anAnswerIsAStreamOfEventsThatEnds() throws Exception {
    List<Event> events = ask(Map.of("question", "Why did it happen?"));

    assertThat(events.get(0).name()).isEqualTo("token");
    assertThat(events).filteredOn(e -> e.name().equals("end")).hasSize(1);
    assertThat(events.get(events.size() - 1).name()).isEqualTo("end");
    assertThat(events.get(events.size() - 1).data().path("status").asText()).isEqualTo("answered");
    assertThat(text(events))
        .contains(
            "with a probability of 93 %, is that the uplink device->edge loses rate [E1] [E3]")
        .contains("No language model takes part");
    Event citation =
        events.stream().filter(e -> e.name().equals("citation")).findFirst().orElseThrow();
    assertThat(citation.data().path("evidence").asText()).isEqualTo("E1");
    assertThat(citation.data().path("series").asText()).isEqualTo("device->edge/LINK_RATE");
    assertThat(citation.data().path("plot").asText())
        .isEqualTo("/#plot=device-%3Eedge%2FLINK_RATE");
  }

  @Test
  void lookUpsComeBeforeWhatIsSaidOfThem() throws Exception {
    List<Event> events = ask(Map.of("question", "What if we cut after layer 3?"));
    assertThat(events)
        .extracting(Event::name)
        .startsWith("tool-call", "tool-result", "token")
        .endsWith("end");
    assertThat(events.get(0).data().path("name").asText()).isEqualTo("what-if");
    assertThat(events.get(0).data().path("arguments").path("placement").asText())
        .isEqualTo("device[0-3] edge[4] cloud[5-6]");
    assertThat(events.get(1).data().path("call").asInt()).isEqualTo(1);
  }

  @Test
  void aConversationKeepsItsContext() throws Exception {
    List<Event> first = ask(Map.of("question", "What if we cut after layer 3?"));
    List<Event> second =
        ask(Map.of("question", "and after layer 2?", "conversation", conversation(first)));
    assertThat(conversation(second)).isEqualTo(conversation(first));
    assertThat(text(second))
        .startsWith("With device[0-2] edge[3-4] cloud[5-6]")
        .doesNotContain("language model");
    List<Event> other = ask(Map.of("question", "and after layer 2?"));
    assertThat(conversation(other)).isNotEqualTo(conversation(first));
    assertThat(text(other)).as("nothing to go on from").doesNotContain("predicts");
  }

  @Test
  void everyEventComesAtOnce() throws Exception {
    HttpResponse<Stream<String>> response = open(Map.of("question", "step by step"));
    try (Stream<String> lines = response.body()) {
      Iterator<String> reading = lines.iterator();
      steps.next.add(new ChatEvent.Token("first"));
      assertThat(next(reading).data().path("text").asText()).isEqualTo("first");
      steps.next.add(new ChatEvent.Citation("E3", STEP));
      assertThat(next(reading).name()).isEqualTo("citation");
      steps.next.add(new ChatEvent.End(ChatEvent.Status.ANSWERED));
      assertThat(next(reading).name()).isEqualTo("end");
      assertThat(reading.hasNext()).isFalse();
    }
  }

  @Test
  void oneAnswerAtATimeInAConversation() throws Exception {
    String conversation = conversation(ask(Map.of("question", "why?")));
    Map<String, String> slow = Map.of("question", "step by step", "conversation", conversation);
    HttpResponse<Stream<String>> response = open(slow);
    assertThat(steps.asked.get(20, TimeUnit.SECONDS))
        .extracting(Turn::question)
        .containsExactly("why?");

    assertThat(
            refused(
                409,
                request(
                        "incident-1",
                        body(Map.of("question", "why?", "conversation", conversation)))
                    .build()))
        .contains("still being answered");
    assertThat(text(ask(Map.of("question", "why?")))).as("another one").contains("93 %");

    steps.next.add(new ChatEvent.End(ChatEvent.Status.ANSWERED));
    Iterator<String> lines = response.body().iterator();
    assertThat(next(lines).name()).isEqualTo("end");
    assertThat(ask(Map.of("question", "why?", "conversation", conversation))).isNotEmpty();
  }

  @Test
  void whoLeavesEndsTheAnswerAndFreesTheConversation() throws Exception {
    String conversation = conversation(ask(Map.of("question", "why?")));
    byte[] body =
        body(Map.of("question", "step by step", "conversation", conversation))
            .getBytes(StandardCharsets.UTF_8);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String head =
          "POST /api/incidents/incident-1/chat HTTP/1.1\r\nHost: localhost\r\n"
              + "Content-Type: application/json\r\nContent-Length: "
              + body.length
              + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      socket.getOutputStream().flush();
      steps.next.add(new ChatEvent.Token("hello"));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(in.readLine()).contains(" 200 ");
      socket.setSoLinger(true, 0);
    }
    while (!steps.broken.isDone()) {
      if (steps.next.size() < 5) {
        steps.next.add(new ChatEvent.Token("x".repeat(10_000)));
      }
      Thread.onSpinWait();
    }
    assertThat(steps.broken.get()).isInstanceOf(UncheckedIOException.class);

    List<Event> later = new ArrayList<>();
    while (later.isEmpty()) {
      HttpResponse<Stream<String>> again =
          open(Map.of("question", "and the evidence?", "conversation", conversation));
      Iterator<String> lines = again.body().iterator();
      while (again.statusCode() == 200 && lines.hasNext()) {
        later.add(next(lines));
      }
    }
    assertThat(text(later)).contains("rests on 3 facts");
  }

  @Test
  void anAnswerThatFailsSaysSoAndIsForgotten() throws Exception {
    List<Event> events = ask(Map.of("question", "fail please"));
    assertThat(text(events)).isEqualTo("so far ");
    assertThat(events.get(events.size() - 1).data().path("status").asText()).isEqualTo("failed");
    List<Event> next = ask(Map.of("question", "why?", "conversation", conversation(events)));
    assertThat(text(next)).as("still the first turn").contains("No language model takes part");
  }

  @Test
  void wrongRequestsGetOneClearLine() throws Exception {
    String why = body(Map.of("question", "why?"));
    assertThat(refused(404, request("incident-9", why).build())).isEqualTo("no such incident");
    assertThat(refused(400, request("a%20b", why).build())).startsWith("incident id must be");
    assertThat(refused(400, request("incident-1", "{\"question\": ").build()))
        .startsWith("the body must be ");
    assertThat(refused(400, request("incident-1", "").build())).startsWith("the body must be ");
    assertThat(refused(400, request("incident-1", "[1]").build()))
        .startsWith("the body must be a JSON object");
    assertThat(refused(400, request("incident-1", why + why).build()))
        .startsWith("the body must be ");
    assertThat(refused(400, request("incident-1", "{\"question\": 3}").build()))
        .isEqualTo("member question must be a text");
    assertThat(refused(400, request("incident-1", "{\"question\": \"a\", \"<b>\": \"\"}").build()))
        .isEqualTo("the body may have the members conversation, question and no other");
    assertThat(refused(400, request("incident-1", "{}").build()))
        .isEqualTo("question must have 1 to 2000 characters, was 0");
    assertThat(
            refused(400, request("incident-1", body(Map.of("question", "x".repeat(2001)))).build()))
        .isEqualTo("question must have 1 to 2000 characters, was 2001");
    assertThat(
            refused(
                413, request("incident-1", body(Map.of("question", "x".repeat(20_000)))).build()))
        .contains("at most 16384 bytes");
    assertThat(
            refused(
                404,
                request("incident-1", body(Map.of("question", "why?", "conversation", "none")))
                    .build()))
        .startsWith("no such conversation");
    assertThat(
            refused(
                400,
                request(
                        "incident-1",
                        body(Map.of("question", "why?", "conversation", "x".repeat(65))))
                    .build()))
        .startsWith("conversation must have at most");
    assertThat(ask(Map.of("question", "é".repeat(2_000)))).isNotEmpty();
  }

  @Test
  void anAnswerUnderWayDoesNotHoldUpTheEndOfTheService() throws Exception {
    try (Stream<String> lines = open(Map.of("question", "step by step: why is it slow?")).body()) {
      steps.asked.get();
      server.close();
      assertThatThrownBy(() -> lines.forEach(line -> assertThat(line).doesNotContain("end")))
          .isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void aPageOfAnotherSiteCannotAsk() throws Exception {
    String why = body(Map.of("question", "why?"));
    assertThat(
            refused(
                415, request("incident-1", why).setHeader("Content-Type", "text/plain").build()))
        .contains("Content-Type: application/json");
    HttpResponse<String> preflight =
        client.send(
            request("incident-1", why)
                .method("OPTIONS", BodyPublishers.noBody())
                .header("Origin", "http://evil.example")
                .header("Access-Control-Request-Method", "POST")
                .build(),
            BodyHandlers.ofString());
    assertThat(preflight.headers().map()).doesNotContainKey("access-control-allow-origin");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String head =
          "POST /api/incidents/incident-1/chat HTTP/1.1\r\nHost: evil.example\r\n"
              + "Content-Type: application/json\r\nContent-Length: "
              + why.length()
              + "\r\n\r\n"
              + why;
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).contains(" 403 ");
    }
  }
}
