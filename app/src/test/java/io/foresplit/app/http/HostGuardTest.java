package io.foresplit.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostGuardTest {
  private final HostGuard guard = new HostGuard("127.0.0.1", List.of("Foresplit"));

  @ParameterizedTest
  @CsvSource({
    "localhost, true",
    "localhost:8080, true",
    "LOCALHOST:1, true",
    "127.0.0.1:8080, true",
    "[::1]:8080, true",
    "foresplit:8080, true",
    "evil.example, false",
    "evil.example:8080, false",
    "localhost.evil.example, false",
    "1.2.3.4.evil.example, false",
    "[::1.evil.example], false",
    "'', false"
  })
  void onlyOwnNamesPass(String host, boolean allowed) {
    assertThat(guard.allows(host)).isEqualTo(allowed);
  }
}
