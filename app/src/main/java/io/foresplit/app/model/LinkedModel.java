package io.foresplit.app.model;

import io.foresplit.app.config.StartupException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A file behind an address that the user gave.
 *
 * @param patience how long nothing may come of it
 */
record LinkedModel(String name, URI url, Optional<String> expected, Duration patience)
    implements ModelSource {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int OK = 200;

  LinkedModel(String name, URI url, Optional<String> expected) {
    this(name, url, expected, PATIENCE);
  }

  @Override
  public String fetch(Workspace workspace, Path target, Progress progress)
      throws InterruptedException {
    HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(patience)
            .build();
    HttpRequest request = HttpRequest.newBuilder(url).timeout(patience).build();
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = new PatientStream(response.body(), patience)) {
        if (response.statusCode() != OK) {
          throw new StartupException(
              url + " answered with status " + response.statusCode() + ", expected " + OK);
        }
        long bytes = response.headers().firstValueAsLong("Content-Length").orElse(0);
        return HashedCopy.copy(body, target, bytes, progress);
      }
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new StartupException(url + " cannot be fetched: " + reason, e);
    }
  }
}
