package io.foresplit.app.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A page in a real browser, told what to do over the DevTools protocol. */
public final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LISTENS = "DevTools listening on ws://";
  private static final int SECONDS = 40;

  private final Process process;
  private final WebSocket page;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

  /** The browser of this machine, if there is one. */
  public static Optional<Path> installed() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .flatMap(
            path ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(path, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Opens a page.
   *
   * @param folder for the profile, thrown away by the caller
   */
  public static Browser open(Path program, Path folder, String url) throws Exception {
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--user-data-dir=" + folder.resolve("profile"),
                "--window-size=1280,1000",
                "--remote-debugging-port=0",
                url)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      Browser browser = new Browser(process, target(address(process)));
      browser.awaitLoaded();
      return browser;
    } catch (Exception | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private Browser(Process process, URI target) throws Exception {
    this.process = process;
    page =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(target, new Listener())
            .get(SECONDS, TimeUnit.SECONDS);
  }

  private static String address(Process process) throws IOException {
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    String line = said.readLine();
    while (line != null) {
      if (line.startsWith(LISTENS)) {
        Thread reader = new Thread(() -> said.lines().forEach(unused -> {}), "browser-log");
        reader.setDaemon(true);
        reader.start();
        String rest = line.substring(LISTENS.length());
        return rest.substring(0, rest.indexOf('/'));
      }
      line = said.readLine();
    }
    throw new IOException("the browser ended at its start");
  }

  /** Where the page listens; the browser may take a moment to have it. */
  private static URI target(String address) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest list =
        HttpRequest.newBuilder(URI.create("http://" + address + "/json/list")).build();
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (System.nanoTime() < giveUp) {
      for (JsonNode target : JSON.readTree(client.send(list, BodyHandlers.ofString()).body())) {
        if (target.path("type").asText().equals("page")) {
          return URI.create(target.path("webSocketDebuggerUrl").asText());
        }
      }
    }
    throw new IOException("the browser has no page");
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          JsonNode message = JSON.readTree(text.toString());
          CompletableFuture<JsonNode> answer = answers.remove(message.path("id").asInt(-1));
          if (answer != null) {
            answer.complete(message);
          }
        } catch (IOException e) {
          answers.values().forEach(answer -> answer.completeExceptionally(e));
        }
        text.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }
  }

  private JsonNode call(String method, Map<String, ?> parameters) throws Exception {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    String request =
        JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
    page.sendText(request, true).get(SECONDS, TimeUnit.SECONDS);
    return answer.get(SECONDS, TimeUnit.SECONDS);
  }

  /** Until then there may be nothing that could run a script. */
  private void awaitLoaded() throws Exception {
    Map<String, String> state =
        Map.of("expression", "location.href.startsWith('http') && document.readyState");
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (System.nanoTime() < giveUp) {
      JsonNode value = call("Runtime.evaluate", state).path("result").path("result").path("value");
      if (value.asText().equals("complete")) {
        return;
      }
    }
    throw new IOException("the page was not loaded in time");
  }

  /**
   * Runs the body of an async function in the page, which may call {@code until(condition)} to wait
   * for something.
   *
   * @return what it returns
   */
  public JsonNode run(String body) throws Exception {
    String script =
        """
        (async () => {
          const until = async (condition) => {
            for (let i = 0; i < 1500; i++) {
              const value = condition();
              if (value) return value;
              await new Promise((on) => setTimeout(on, 20));
            }
            throw new Error('not in time: ' + condition);
          };
          %s
        })()
        """
            .formatted(body);
    JsonNode message =
        call(
            "Runtime.evaluate",
            Map.of("expression", script, "awaitPromise", true, "returnByValue", true));
    if (message.has("error")) {
      throw new AssertionError(message.path("error").path("message").asText());
    }
    JsonNode result = message.path("result");
    if (result.has("exceptionDetails")) {
      throw new AssertionError(
          result.path("exceptionDetails").path("exception").path("description").asText());
    }
    return result.path("result").path("value");
  }

  @Override
  public void close() {
    page.abort();
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly().onExit().join();
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
