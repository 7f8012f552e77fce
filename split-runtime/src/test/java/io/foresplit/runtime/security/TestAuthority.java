package io.foresplit.runtime.security;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates for a test, valid for an hour, in a folder of the test. */
public final class TestAuthority {
  /** A join token as good as any. */
  public static final String TOKEN = "0123456789abcdef-test-token";

  private final Path folder;
  private final KeyPair keys = newKeys();
  private final AtomicLong serial = new AtomicLong();

  public TestAuthority(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    write("ca.pem", "CERTIFICATE", certificate("authority", keys, true, true));
    Files.writeString(folder.resolve("token"), TOKEN + "\n");
  }

  public Path certificate() {
    return folder.resolve("ca.pem");
  }

  public Path token() {
    return folder.resolve("token");
  }

  /** Certificate and key for a name. */
  public Tls.KeyFiles issue(String name) {
    return issue(name, true);
  }

  /**
   * Certificate and key for a name.
   *
   * @param alternative whether it is a subject alternative name, or the common name alone
   */
  public Tls.KeyFiles issue(String name, boolean alternative) {
    KeyPair own = newKeys();
    write(name + ".pem", "CERTIFICATE", certificate(name, own, false, alternative));
    write(name + ".key", "PRIVATE KEY", own.getPrivate().getEncoded());
    return new Tls.KeyFiles(folder.resolve(name + ".pem"), folder.resolve(name + ".key"));
  }

  /** All of it for one process: mutual TLS and the token. */
  public GrpcSecurity securityOf(String name) {
    return securityOf(name, true);
  }

  /**
   * All of it for one process.
   *
   * @param mutual whether callers must show a certificate
   */
  public GrpcSecurity securityOf(String name, boolean mutual) {
    Tls.KeyFiles own = issue(name);
    try {
      return new SecurityFiles(
              Optional.of(certificate()),
              Optional.of(own.certificate()),
              Optional.of(own.key()),
              mutual,
              Optional.of(token()),
              Optional.empty())
          .read(Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] certificate(String name, KeyPair subject, boolean ca, boolean alternative) {
    Instant now = Instant.now();
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Principal("CN=authority"),
              BigInteger.valueOf(serial.incrementAndGet()),
              Date.from(now.minus(Duration.ofMinutes(5))),
              Date.from(now.plus(Duration.ofHours(1))),
              new X500Principal("CN=" + (ca || !alternative ? name : "process of a job")),
              subject.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
      if (alternative && !ca) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
      }
      X509CertificateHolder holder =
          builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
      return holder.getEncoded();
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(String file, String type, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    try {
      Files.writeString(
          folder.resolve(file),
          "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
