package io.foresplit.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A real Prometheus with the configuration of {@code deploy}, aimed at another service. */
final class PrometheusProcess implements AutoCloseable {
  private static final String TARGET = "foresplit:8080";

  private final Process process;
  private final String url;
  private final HttpClient http = HttpClient.newHttpClient();

  private PrometheusProcess(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  /** Where the program is, if it is installed. */
  static Optional<Path> program() {
    return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
        .map(folder -> Path.of(folder, "prometheus"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts it and waits until it answers. */
  static PrometheusProcess start(Path program, Path folder, String target) throws IOException {
    String config = Files.readString(Path.of("..", "deploy", "prometheus", "prometheus.yml"));
    if (!config.contains(TARGET)) {
      throw new AssertionError("deploy/prometheus/prometheus.yml does not scrape " + TARGET);
    }
    Files.createDirectories(folder);
    Path file = folder.resolve("prometheus.yml");
    Files.writeString(file, config.replace(TARGET, target));
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String address = "127.0.0.1:" + port;
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("tsdb"),
                "--web.listen-address=" + address)
            .redirectErrorStream(true)
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      seen.append(line).append('\n');
      if (line.contains("Server is ready to receive web requests")) {
        Thread drain = new Thread(() -> output.lines().forEach(l -> {}), "prometheus-output");
        drain.setDaemon(true);
        drain.start();
        return new PrometheusProcess(process, "http://" + address);
      }
    }
    throw new AssertionError("prometheus did not start:\n" + seen);
  }

  /** Numbers, not NaN, that a query has over a range of seconds since 1970. */
  int points(String query, long from, long to, int step) throws Exception {
    JsonNode answer =
        get(
            "/api/v1/query_range?query="
                + URLEncoder.encode(query, StandardCharsets.UTF_8)
                + "&start="
                + from
                + "&end="
                + to
                + "&step="
                + step);
    int points = 0;
    for (JsonNode series : answer.at("/data/result")) {
      for (JsonNode value : series.get("values")) {
        if (!value.get(1).asText().equals("NaN")) {
          points++;
        }
      }
    }
    return points;
  }

  /** Values of a label of a metric. */
  List<String> labelValues(String metric, String label) throws Exception {
    JsonNode answer =
        get(
            "/api/v1/label/"
                + label
                + "/values?match[]=".replace("[", "%5B").replace("]", "%5D")
                + metric);
    List<String> values = new ArrayList<>();
    answer.get("data").forEach(value -> values.add(value.asText()));
    return values;
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(url + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new AssertionError(path + " answered " + response.body());
    }
    return new ObjectMapper().readTree(response.body());
  }

  @Override
  public void close() {
    process.destroy();
    ProcessHandle unused = process.toHandle().onExit().join();
  }
}
