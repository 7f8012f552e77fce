package io.foresplit.runtime.security;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.TlsServerCredentials.ClientAuth;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Certificates and key of one process, read from PEM files at its start. A certificate names whom
 * it is for, not where it listens: a node's id, {@link GrpcSecurity#COORDINATOR} or {@link
 * GrpcSecurity#CONTROLLER}, as a DNS name among its subject alternative names, or as its common
 * name where it has none. Immutable.
 */
public final class Tls {
  /** Names that TLS can check: those of hosts, which look like no IP address. */
  private static final Pattern CHECKABLE =
      Pattern.compile(
          "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\\.)*"
              + "(?=[0-9-]*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?");

  private final boolean mutual;
  private final Optional<Own> own;
  private final ChannelCredentials channel;

  /** What this process shows. */
  private record Own(Path file, Set<String> names, ServerCredentials server) {}

  private Tls(boolean mutual, Optional<Own> own, ChannelCredentials channel) {
    this.mutual = mutual;
    this.own = own;
    this.channel = channel;
  }

  /**
   * A certificate chain, own certificate first, and its private key in PKCS#8.
   *
   * @param certificate PEM file
   * @param key PEM file, not encrypted
   */
  public record KeyFiles(Path certificate, Path key) {}

  /**
   * Reads the files.
   *
   * @param authority PEM file of the certificates that sign all others of the job
   * @param own what this process shows; may be empty where it only calls
   * @param mutual whether callers must show a certificate too
   * @throws IOException in one line, when a file is missing or not what it should be
   */
  public static Tls read(Path authority, Optional<KeyFiles> own, boolean mutual)
      throws IOException {
    byte[] trusted = bytes("TLS authority", authority);
    List<X509Certificate> unused = certificates("TLS authority", authority, trusted);
    TlsChannelCredentials.Builder channel =
        TlsChannelCredentials.newBuilder().trustManager(new ByteArrayInputStream(trusted));
    if (own.isEmpty()) {
      return new Tls(mutual, Optional.empty(), channel.build());
    }
    Path file = own.get().certificate();
    byte[] chain = bytes("TLS certificate", file);
    X509Certificate leaf = certificates("TLS certificate", file, chain).get(0);
    byte[] key = bytes("TLS key", own.get().key());
    requireKey(own.get().key(), key);
    channel.keyManager(new ByteArrayInputStream(chain), new ByteArrayInputStream(key));
    ServerCredentials server =
        TlsServerCredentials.newBuilder()
            .keyManager(new ByteArrayInputStream(chain), new ByteArrayInputStream(key))
            .trustManager(new ByteArrayInputStream(trusted))
            .clientAuth(mutual ? ClientAuth.REQUIRE : ClientAuth.NONE)
            .build();
    return new Tls(
        mutual, Optional.of(new Own(file, Caller.namesOf(leaf), server)), channel.build());
  }

  boolean mutual() {
    return mutual;
  }

  ChannelCredentials channel() {
    return channel;
  }

  ServerCredentials server() throws IOException {
    return own.orElseThrow(
            () ->
                new IOException("a process that listens with TLS needs a certificate and its key"))
        .server();
  }

  /** Throws when a name is one that TLS could not check, or not the one of this process. */
  void requireOwn(String name) throws IOException {
    requireCheckable(List.of(name));
    if (own.isPresent() && !own.get().names().contains(name)) {
      throw new IOException(
          "TLS certificate "
              + own.get().file()
              + " must name '"
              + name
              + "' (DNS subject alternative name), it names "
              + own.get().names());
    }
  }

  static void requireCheckable(Collection<String> names) throws IOException {
    for (String name : names) {
      if (!CHECKABLE.matcher(name).matches()) {
        throw new IOException(
            "with TLS a node's id must be a host name (letters, digits, '-' and '.', no number at"
                + " its end), was '"
                + name
                + "'");
      }
    }
  }

  private static byte[] bytes(String what, Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (FileSystemException e) {
      throw new IOException(what + " " + file + " cannot be read: " + JoinToken.reason(e), e);
    }
  }

  private static List<X509Certificate> certificates(String what, Path file, byte[] pem)
      throws IOException {
    List<X509Certificate> found;
    try {
      found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
    } catch (CertificateException e) {
      found = List.of();
    }
    if (found.isEmpty()) {
      throw new IOException(what + " " + file + " must hold certificates in PEM, it holds none");
    }
    return found;
  }

  private static void requireKey(Path file, byte[] pem) throws IOException {
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    if (!text.contains("-----BEGIN PRIVATE KEY-----")) {
      String was =
          text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
              ? "an encrypted key"
              : text.contains("PRIVATE KEY-----") ? "a key in another form" : "no key";
      throw new IOException(
          "TLS key "
              + file
              + " must hold a private key in PKCS#8 PEM without a password, was "
              + was
              + " (convert with: openssl pkcs8 -topk8 -nocrypt)");
    }
  }

  @Override
  public String toString() {
    return (mutual ? "mutual TLS" : "TLS") + own.map(o -> " as " + o.names()).orElse("");
  }
}
