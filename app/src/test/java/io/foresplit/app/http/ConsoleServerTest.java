package io.foresplit.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.app.config.HttpConfig;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.metrics.ServiceMetrics;
import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.SyntheticRun;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.diagnoser.chat.IncidentChat;
import io.foresplit.runtime.plan.CutPlanner;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConsoleServerTest {
  private final LiveView view = new LiveView();
  private final SyntheticRun run = new SyntheticRun(1_000_000);
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ServiceMetrics metrics = new ServiceMetrics(registry);
  private final ConsoleServer server =
      new ConsoleServer(
          new HttpConfig("127.0.0.1", 0, List.of()),
          view,
          registry,
          new IncidentChat(new CutPlanner()));
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    server.close();
  }

  private void play(int from, int to) {
    for (int step = from; step < to; step++) {
      run.interval(step, view);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode json(String path) throws Exception {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    return new ObjectMapper().readTree(response.body());
  }

  @Test
  void thePageAndItsScriptsCarrySecurityHeaders() throws Exception {
    for (String path :
        List.of(
            "/",
            "/console.js",
            "/chat.js",
            "/console.css",
            "/icon.svg",
            "/webjars/chart.js/4.5.1/dist/chart.umd.min.js",
            "/metrics")) {
      HttpResponse<String> response = get(path);
      assertThat(response.statusCode()).as(path).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Security-Policy").orElse(""))
          .as(path)
          .contains("default-src 'self'")
          .doesNotContain("unsafe");
      assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    }
    assertThat(get("/").body())
        .contains("/console.js")
        .doesNotContain("<style")
        .doesNotContain(" onclick");
  }

  @Test
  void theApiTellsTheRun() throws Exception {
    assertThat(get("/api/state").statusCode()).isEqualTo(404);
    play(0, SyntheticRun.RESOLVED + 1);

    JsonNode state = json("/api/state?job=fashion-mnist");
    assertThat(state.at("/job").asText()).isEqualTo("fashion-mnist");
    assertThat(state.at("/nodes/0/layers/0/name").asText()).isEqualTo("conv1");
    assertThat(state.at("/openIncident").isNull()).isTrue();
    assertThat(json("/api/series?metric=step_seconds&last=7").at("/values")).hasSize(7);
    assertThat(json("/api/series?metric=LINK_RATE&component=device-%3Eedge").at("/unit").asText())
        .isEqualTo("bytes/s");
    assertThat(json("/api/incidents")).hasSize(1);
    JsonNode incident = json("/api/incidents/incident-1");
    assertThat(incident.at("/diagnoses/0/evidence/0/id").asText()).isEqualTo("E1");
    assertThat(incident.at("/actions/0/result").asText()).isEqualTo("HELPED");
    assertThat(json("/api/actions").at("/0/pauseMillis").asInt()).isEqualTo(312);
  }

  @Test
  void theApiTellsWhatALanguageModelAdded() throws Exception {
    play(0, SyntheticRun.OPENED + 2);
    assertThat(json("/api/incidents/incident-1").at("/diagnoses/0/reasoning").isNull()).isTrue();
    view.on(
        run.revised(
            new Reasoning(
                "small",
                List.of(new Reasoning.Step("The rate fell.", List.of("E1"))),
                List.of(
                    new Reasoning.Recommendation(
                        new RecoveryAction.NotifyOperator("Look at it."), "Look at it.")),
                "The rate comes back.")));
    JsonNode revised = json("/api/incidents/incident-1").at("/diagnoses/1");
    assertThat(revised.at("/reasoner").asText()).isEqualTo("statistics+llm:small");
    assertThat(revised.at("/reasoning/steps/0/claim").asText()).isEqualTo("The rate fell.");
    assertThat(revised.at("/reasoning/steps/0/evidence/0").asText()).isEqualTo("E1");
    assertThat(revised.at("/reasoning/recommendations/0/kind").asText())
        .isEqualTo("notify-operator");
    assertThat(revised.at("/reasoning/recommendations/0/detail").asText()).isEqualTo("Look at it.");
    assertThat(revised.at("/reasoning/disproof").asText()).isEqualTo("The rate comes back.");
  }

  @Test
  void badRequestsGetOneClearLine() throws Exception {
    play(0, 1);
    HttpResponse<String> response = get("/api/series?metric=%3Cscript%3E");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("parameter metric").doesNotContain("<script>");
    assertThat(get("/api/series?metric=LOSS&last=0").statusCode()).isEqualTo(400);
    assertThat(get("/api/series?metric=LOSS&component=a%20b").statusCode()).isEqualTo(400);
    assertThat(get("/api/incidents/none").statusCode()).isEqualTo(404);
    assertThat(get("/api/incidents/%2e%2e%2f").statusCode()).isBetween(400, 404);
    assertThat(get("/api/state?job=..%2F..").statusCode()).isEqualTo(400);
    assertThat(get("/api/events").statusCode()).isEqualTo(406);
    assertThat(get("/no-such-page").body()).doesNotContain("\tat ");
  }

  @Test
  void metricsSpeakPrometheus() throws Exception {
    run.interval(0, metrics);
    HttpResponse<String> response = get("/metrics");
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/plain; version=0.0.4");
    assertThat(response.body()).contains("# TYPE foresplit_step_seconds gauge");
  }

  @Test
  void anotherSiteCannotReachItByAnotherName() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      PrintWriter out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.US_ASCII);
      out.print("GET /api/state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
      out.flush();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).contains(" 403 ");
    }
  }

  @Test
  void eventsBeginWithTheStateAndFollowTheRun() throws Exception {
    play(0, 1);
    try (Stream<String> lines = events()) {
      var reading = lines.filter(line -> line.startsWith("event: ")).iterator();
      assertThat(reading.next()).isEqualTo("event: state");
      play(1, 3);
      assertThat(reading.next()).isEqualTo("event: tick");
      assertThat(reading.next()).isEqualTo("event: tick");
      play(SyntheticRun.OPENED, SyntheticRun.OPENED + 1);
      assertThat(reading.next()).isEqualTo("event: tick");
      assertThat(reading.next()).isEqualTo("event: forecast");
      assertThat(reading.next()).isEqualTo("event: incident");
    }
  }

  private Stream<String> events() throws Exception {
    return client
        .sendAsync(
            request("/api/events").header("Accept", "text/event-stream").build(),
            HttpResponse.BodyHandlers.ofLines())
        .get(20, TimeUnit.SECONDS)
        .body();
  }

  @Test
  void oneBrowserTooManyHasToComeAgain() throws Exception {
    play(0, 1);
    List<Stream<String>> watching = new ArrayList<>();
    for (int i = 0; i < EventStreams.CLIENTS; i++) {
      Stream<String> lines = events();
      assertThat(lines.iterator().next()).isEqualTo("event: state");
      watching.add(lines);
    }
    assertThat(events()).isEmpty();
    server.close();
    watching.forEach(Stream::close);
  }

  @Test
  void streamsEndWithTheServer() throws Exception {
    play(0, 1);
    try (Stream<String> lines = events()) {
      var reading = lines.iterator();
      assertThat(reading.next()).isEqualTo("event: state");
      server.close();
      reading.forEachRemaining(line -> assertThat(line).doesNotContain("error"));
    }
  }

  @Test
  void aPortInUseIsNamed() {
    assertThatThrownBy(
            () ->
                new ConsoleServer(
                    new HttpConfig("127.0.0.1", server.port(), List.of()),
                    view,
                    new PrometheusRegistry(),
                    new IncidentChat(new CutPlanner())))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("port " + server.port() + " on 127.0.0.1")
        .hasMessageContaining("http.port");
  }
}
