package io.foresplit.app.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Speaks with a running service over its API. What goes wrong is an {@link IOException} for people:
 * one line that says what and where. Thread-safe.
 */
final class ServiceClient {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);
  private static final int LONGEST_PROBLEM = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI server;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).build();

  /**
   * @param server such as {@code http://localhost:8080}
   * @throws IllegalArgumentException when it is no such address
   */
  ServiceClient(String server) {
    String bare = server.endsWith("/") ? server.substring(0, server.length() - 1) : server;
    if (!bare.matches("(?i)https?://[^\\s/?#@]+")) {
      throw new IllegalArgumentException(
          "expected an address such as http://localhost:8080, was '" + Terminal.line(server) + "'");
    }
    this.server = URI.create(bare);
    if (this.server.getHost() == null) {
      throw new IllegalArgumentException(
          "expected an address such as http://localhost:8080, was '" + Terminal.line(server) + "'");
    }
  }

  /** An incident with its diagnoses and actions, as the API tells it. */
  JsonNode incident(String id) throws IOException {
    return get("/api/incidents/" + encoded(id)).orElseThrow(() -> new IOException(unknown(id)));
  }

  /** Id of the incident opened last, of any job. */
  Optional<String> newestIncident() throws IOException {
    Optional<JsonNode> state = get("/api/state");
    if (state.isEmpty()) {
      return Optional.empty();
    }
    Stream.Builder<JsonNode> newest = Stream.builder();
    for (JsonNode job : state.get().path("jobs")) {
      get("/api/incidents?job=" + encoded(job.asText())).stream()
          .flatMap(ServiceClient::elements)
          .forEach(newest);
    }
    return newest
        .build()
        .max(Comparator.comparingLong(incident -> incident.path("openedAt").asLong()))
        .map(incident -> incident.path("id").asText());
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  /**
   * Asks a question and hands over each event of the answer as it comes.
   *
   * @param conversation empty for a new one
   * @param events name and data of each
   * @return id of the conversation
   */
  String ask(
      String incident,
      Optional<String> conversation,
      String question,
      BiConsumer<String, JsonNode> events)
      throws IOException {
    Map<String, String> body = new LinkedHashMap<>();
    conversation.ifPresent(id -> body.put("conversation", id));
    body.put("question", question);
    HttpRequest request =
        request("/api/incidents/" + encoded(incident) + "/chat")
            .header("Content-Type", "application/json")
            .header("Accept", "text/event-stream")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
            .build();
    HttpResponse<Stream<String>> response = send(request, BodyHandlers.ofLines());
    try (Stream<String> lines = response.body()) {
      if (response.statusCode() == 404 && conversation.isEmpty()) {
        throw new IOException(unknown(incident));
      }
      if (response.statusCode() != 200) {
        throw refused(response.statusCode(), lines.collect(Collectors.joining()));
      }
      return read(lines.iterator(), events)
          .orElseThrow(
              () -> new IOException("service " + server + " broke the answer off before its end"));
    } catch (UncheckedIOException e) {
      throw new IOException("service " + server + " broke the answer off before its end", e);
    }
  }

  /** The conversation as the last event says, empty when that did not come. */
  private static Optional<String> read(Iterator<String> lines, BiConsumer<String, JsonNode> events)
      throws IOException {
    String name = "";
    while (lines.hasNext()) {
      String line = lines.next();
      if (line.startsWith("event: ")) {
        name = line.substring("event: ".length());
      } else if (line.startsWith("data: ")) {
        JsonNode data = json(line.substring("data: ".length()));
        events.accept(name, data);
        if (name.equals("end")) {
          return Optional.of(data.path("conversation").asText());
        }
      }
    }
    return Optional.empty();
  }

  private Optional<JsonNode> get(String path) throws IOException {
    HttpResponse<String> response =
        send(request(path).GET().build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
    if (response.statusCode() == 404) {
      return Optional.empty();
    }
    if (response.statusCode() != 200) {
      throw refused(response.statusCode(), response.body());
    }
    return Optional.of(json(response.body()));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server + path)).timeout(ANSWER_LIMIT);
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return http.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while service " + server + " was asked");
    } catch (IOException e) {
      throw new IOException(
          "service "
              + server
              + " cannot be reached: start it with 'foresplit serve', or say where it is with"
              + " --server",
          e);
    }
  }

  private IOException refused(int status, String body) {
    String problem = "status " + status;
    try {
      problem = JSON.readTree(body).path("error").asText(problem);
    } catch (JsonProcessingException e) {
      problem += ", not an answer of Foresplit";
    }
    return new IOException("service " + server + " refused: " + shortened(Terminal.line(problem)));
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_PROBLEM ? text : text.substring(0, LONGEST_PROBLEM) + "…";
  }

  private String unknown(String incident) {
    return "service "
        + server
        + " knows no incident '"
        + shortened(Terminal.line(incident))
        + "'; "
        + server
        + "/api/incidents lists them";
  }

  private static JsonNode json(String text) throws IOException {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IOException("the answer is not one of Foresplit: no JSON", e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
