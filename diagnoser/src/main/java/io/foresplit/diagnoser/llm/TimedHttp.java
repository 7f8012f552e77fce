package io.foresplit.diagnoser.llm;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpClientBuilderLoader;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Builds HTTP clients whose streams end in time. The time limit of the client itself ends with the
 * head of a response; without one for the body, an endpoint that stalls there would keep a thread
 * and a connection for ever.
 */
final class TimedHttp implements HttpClientBuilder {
  private final HttpClientBuilder builder = HttpClientBuilderLoader.loadHttpClientBuilder();
  private final Duration atMost;

  /**
   * @param atMost how long a stream may take once it has begun
   */
  TimedHttp(Duration atMost) {
    this.atMost = atMost;
  }

  @Override
  public Duration connectTimeout() {
    return builder.connectTimeout();
  }

  @Override
  public HttpClientBuilder connectTimeout(Duration timeout) {
    builder.connectTimeout(timeout);
    return this;
  }

  @Override
  public Duration readTimeout() {
    return builder.readTimeout();
  }

  @Override
  public HttpClientBuilder readTimeout(Duration timeout) {
    builder.readTimeout(timeout);
    return this;
  }

  @Override
  public HttpClient build() {
    HttpClient client = builder.build();
    return new HttpClient() {
      @Override
      public SuccessfulHttpResponse execute(HttpRequest request) {
        return client.execute(request);
      }

      @Override
      public void execute(
          HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        client.execute(request, (body, to) -> parse(parser, body, to), listener);
      }
    };
  }

  private void parse(ServerSentEventParser parser, InputStream body, ServerSentEventListener to) {
    CompletableFuture<Void> end =
        CompletableFuture.runAsync(
            () -> close(body),
            CompletableFuture.delayedExecutor(atMost.toMillis(), TimeUnit.MILLISECONDS));
    try {
      parser.parse(body, to);
    } finally {
      end.cancel(false);
    }
  }

  /** Whoever reads it is told that it is closed. */
  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
