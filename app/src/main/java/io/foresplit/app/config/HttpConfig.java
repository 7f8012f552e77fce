package io.foresplit.app.config;

import java.util.List;

/**
 * Where the console, the API and {@code /metrics} listen.
 *
 * @param host interface to listen on; the loopback one unless set
 * @param port 0 for a free one
 * @param allowedHosts further names browsers and scrapers may call the service by; IP addresses,
 *     {@code localhost} and {@code host} always may
 */
public record HttpConfig(String host, int port, List<String> allowedHosts) {
  public HttpConfig {
    allowedHosts = List.copyOf(allowedHosts);
  }
}
