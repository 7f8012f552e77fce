package io.foresplit.runtime.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecurityFilesTest {
  @TempDir Path folder;
  private TestAuthority authority;

  @BeforeEach
  void makeAuthority() throws IOException {
    authority = new TestAuthority(folder);
  }

  private static SecurityFiles token(Path file, String variable) {
    return new SecurityFiles(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        true,
        Optional.ofNullable(file),
        Optional.ofNullable(variable));
  }

  private SecurityFiles tls(Path ca, Path certificate, Path key) {
    return new SecurityFiles(
        Optional.ofNullable(ca),
        Optional.ofNullable(certificate),
        Optional.ofNullable(key),
        true,
        Optional.empty(),
        Optional.empty());
  }

  private static void assertRefused(SecurityFiles files, String... parts) {
    assertThatThrownBy(() -> files.read(Map.of("SHORT", "abc")))
        .isInstanceOf(IOException.class)
        .message()
        .contains(parts)
        .hasLineCount(1);
  }

  @Test
  void nothingIsPlainText() throws IOException {
    assertThat(SecurityFiles.none().read(Map.of())).isEqualTo(GrpcSecurity.plaintext());
  }

  @Test
  void theTokenComesFromAFileOrAVariable() throws IOException {
    JoinToken file = token(authority.token(), null).read(Map.of()).token().orElseThrow();
    JoinToken variable =
        token(null, "T").read(Map.of("T", TestAuthority.TOKEN)).token().orElseThrow();

    for (JoinToken token : List.of(file, variable)) {
      assertThat(token.matches("Bearer " + TestAuthority.TOKEN)).isTrue();
      assertThat(token.matches(TestAuthority.TOKEN)).isFalse();
      assertThat(token.matches("Bearer " + TestAuthority.TOKEN + "x")).isFalse();
      assertThat(token.matches("")).isFalse();
      assertThat(token.matches(null)).isFalse();
      assertThat(token.toString()).doesNotContain(TestAuthority.TOKEN);
    }
  }

  @Test
  void aTokenThatIsNoneIsRefusedAndNotShown() throws IOException {
    Path weak = Files.writeString(folder.resolve("weak"), "geheim!");
    assertRefused(token(weak, null), "join token file " + weak, "was 7 characters", "openssl rand");
    assertThatThrownBy(() -> token(weak, null).read(Map.of())).message().doesNotContain("geheim");
    assertRefused(token(folder.resolve("no"), null), "cannot be read: it does not exist");
    assertRefused(token(null, "NOT_SET"), "environment variable NOT_SET is not set");
    assertRefused(token(null, "SHORT"), "environment variable SHORT", "was 3 characters");
    assertRefused(token(weak, "SHORT"), "both were given");
  }

  @Test
  void certificateAndKeyAreReadAndNeverShown() throws IOException {
    Tls.KeyFiles own = authority.issue("edge");
    GrpcSecurity security =
        tls(authority.certificate(), own.certificate(), own.key()).read(Map.of());

    assertThat(security.toString()).contains("mutual TLS as [edge]").doesNotContain("PRIVATE");
    security.requireName("edge");
    assertThatThrownBy(() -> security.requireName("cloud"))
        .hasMessageContaining("must name 'cloud'")
        .hasMessageContaining("it names [edge]");
    Tls.KeyFiles common = authority.issue("cloud", false);
    tls(authority.certificate(), common.certificate(), common.key())
        .read(Map.of())
        .requireName("cloud");
  }

  @Test
  void namesThatTlsCannotTellApartAreRefused() throws IOException {
    GrpcSecurity security = authority.securityOf("edge");
    security.requireNames(List.of(new NodeId("edge"), new NodeId("device-2.lab")));
    for (String bad : List.of("edge_1", "10.0.0.1", "7", "edge-", "Coordinator", "controller")) {
      assertThatThrownBy(() -> security.requireNames(List.of(new NodeId(bad))))
          .as(bad)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("'" + bad + "'");
    }
    GrpcSecurity.plaintext().requireNames(List.of(new NodeId("edge_1")));
  }

  @Test
  void filesThatAreNotWhatTheyShouldBeAreNamed() throws IOException {
    Tls.KeyFiles own = authority.issue("edge");
    Path ca = authority.certificate();
    Path text = Files.writeString(folder.resolve("text"), "hello");
    Path encrypted =
        Files.writeString(
            folder.resolve("encrypted"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n");
    Path old = Files.writeString(folder.resolve("old"), "-----BEGIN EC PRIVATE KEY-----\nAAAA\n");

    assertRefused(tls(ca, own.certificate(), null), "TLS needs a certificate, its key and");
    assertRefused(tls(null, own.certificate(), own.key()), "TLS needs a certificate, its key and");
    assertRefused(
        tls(folder.resolve("no"), own.certificate(), own.key()),
        "TLS authority " + folder.resolve("no") + " cannot be read: it does not exist");
    assertRefused(tls(text, own.certificate(), own.key()), "TLS authority " + text, "holds none");
    assertRefused(tls(ca, text, own.key()), "TLS certificate " + text, "holds none");
    assertRefused(tls(ca, own.certificate(), text), "TLS key " + text, "was no key");
    assertRefused(tls(ca, own.certificate(), encrypted), "was an encrypted key", "openssl pkcs8");
    assertRefused(tls(ca, own.certificate(), old), "was a key in another form", "openssl pkcs8");
  }
}
