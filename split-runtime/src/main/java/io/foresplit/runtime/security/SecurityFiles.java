package io.foresplit.runtime.security;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where an operator keeps what {@link GrpcSecurity} is made of; all PEM.
 *
 * @param authority certificates that sign all others of the job
 * @param certificate own chain
 * @param key own private key
 * @param mutual whether callers must show a certificate
 * @param tokenFile holds the join token
 * @param tokenVariable environment variable that holds the join token
 */
public record SecurityFiles(
    Optional<Path> authority,
    Optional<Path> certificate,
    Optional<Path> key,
    boolean mutual,
    Optional<Path> tokenFile,
    Optional<String> tokenVariable) {

  /** Nothing: plain text without a token. */
  public static SecurityFiles none() {
    return new SecurityFiles(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        true,
        Optional.empty(),
        Optional.empty());
  }

  /**
   * Reads all of them.
   *
   * @throws IOException in one line, naming the file
   */
  public GrpcSecurity read(Map<String, String> environment) throws IOException {
    if (certificate.isPresent() != key.isPresent()
        || (certificate.isPresent() && authority.isEmpty())) {
      throw new IOException(
          "TLS needs a certificate, its key and the authority together; given were"
              + (authority.isPresent() ? " authority" : "")
              + (certificate.isPresent() ? " certificate" : "")
              + (key.isPresent() ? " key" : ""));
    }
    if (tokenFile.isPresent() && tokenVariable.isPresent()) {
      throw new IOException("the join token comes from a file or a variable, both were given");
    }
    Optional<Tls> tls = Optional.empty();
    if (authority.isPresent()) {
      tls =
          Optional.of(
              Tls.read(
                  authority.get(),
                  certificate.flatMap(c -> key.map(k -> new Tls.KeyFiles(c, k))),
                  mutual));
    }
    Optional<JoinToken> token = Optional.empty();
    if (tokenFile.isPresent()) {
      token = Optional.of(JoinToken.read(tokenFile.get()));
    } else if (tokenVariable.isPresent()) {
      token = Optional.of(JoinToken.fromEnvironment(tokenVariable.get(), environment));
    }
    return new GrpcSecurity(tls, token);
  }
}
