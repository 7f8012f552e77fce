package io.foresplit.app;

import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.SecurityFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a process of a training proves itself and whom it believes, as options. */
final class SecurityOptions {
  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      description = "Certificates (PEM) that sign all others of the job; turns TLS on.")
  private @Nullable Path authority;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = {
        "Own certificate (PEM); its DNS name must be the node's id, coordinator, or controller for",
        "who commands the coordinator."
      })
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Own private key (PKCS#8 PEM, no password).")
  private @Nullable Path key;

  @Option(
      names = "--tls-one-way",
      description = "Ask callers for the join token alone, not for a certificate.")
  private boolean oneWay;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Holds the job's join token, without which nobody gets in.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--token-env",
      paramLabel = "NAME",
      description = "Environment variable that holds the join token, instead of a file.")
  private @Nullable String tokenVariable;

  GrpcSecurity read(Map<String, String> environment) throws IOException {
    return new SecurityFiles(
            Optional.ofNullable(authority),
            Optional.ofNullable(certificate),
            Optional.ofNullable(key),
            !oneWay,
            Optional.ofNullable(tokenFile),
            Optional.ofNullable(tokenVariable))
        .read(environment);
  }
}
