package io.foresplit.diagnoser.llm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.UnaryOperator;

/** An OpenAI-compatible endpoint on this machine, which keeps what it is sent. */
public final class FakeEndpoint implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  static {
    // else each answer waits 40 ms for an acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /** Bodies of the requests. */
  public final List<String> sent = new CopyOnWriteArrayList<>();

  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private final HttpServer server;

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  /** Answers what it is told to say, in turn. */
  FakeEndpoint() {
    this(Optional.empty());
  }

  /** Answers each request by what a mind makes of its body. */
  public FakeEndpoint(UnaryOperator<String> mind) {
    this(Optional.of(mind));
  }

  private FakeEndpoint(Optional<UnaryOperator<String>> mind) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          sent.add(body);
          mind.ifPresent(thinking -> says(thinking.apply(body)));
          try (exchange) {
            answers.take().to(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /** Streams these pieces. */
  FakeEndpoint says(String... pieces) {
    return streams(true, pieces);
  }

  /** Streams these pieces, and closes the connection in the middle. */
  FakeEndpoint breaksOff(String... pieces) {
    return streams(false, pieces);
  }

  private FakeEndpoint streams(boolean whole, String... pieces) {
    answers.add(
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
          // a length that is not reached is a broken stream
          exchange.sendResponseHeaders(200, whole ? 0 : 1_000_000);
          OutputStream out = exchange.getResponseBody();
          for (String piece : pieces) {
            event(out, Map.of("content", piece), false);
          }
          if (whole) {
            event(out, Map.of(), true);
            out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
          }
          out.flush();
        });
    return this;
  }

  /**
   * Says nothing after the head but that it is there, until the other side hangs up.
   *
   * @param alive a line that says nothing
   * @param hungUp is counted down then
   */
  FakeEndpoint stalls(String alive, CountDownLatch hungUp) {
    answers.add(
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
          exchange.sendResponseHeaders(200, 0);
          try {
            while (true) {
              exchange.getResponseBody().write((alive + "\n").getBytes(StandardCharsets.UTF_8));
              exchange.getResponseBody().flush();
            }
          } catch (IOException e) {
            hungUp.countDown();
          }
        });
    return this;
  }

  FakeEndpoint calls(String tool, String arguments) {
    answers.add(
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
          exchange.sendResponseHeaders(200, 0);
          OutputStream out = exchange.getResponseBody();
          Map<String, Object> call =
              Map.of(
                  "index",
                  0,
                  "id",
                  "call_1",
                  "type",
                  "function",
                  "function",
                  Map.of("name", tool, "arguments", arguments));
          event(out, Map.of("tool_calls", List.of(call)), false);
          event(out, Map.of(), true);
          out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        });
    return this;
  }

  FakeEndpoint refuses(int status) {
    answers.add(
        exchange -> {
          byte[] body = "{\"error\": {\"message\": \"no\"}}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
        });
    return this;
  }

  private static void event(OutputStream out, Map<String, Object> delta, boolean last)
      throws IOException {
    Map<String, Object> choice =
        last
            ? Map.of("index", 0, "delta", delta, "finish_reason", "stop")
            : Map.of("index", 0, "delta", delta);
    String chunk =
        JSON.writeValueAsString(
            Map.of("id", "1", "object", "chat.completion.chunk", "choices", List.of(choice)));
    out.write(("data: " + chunk + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
