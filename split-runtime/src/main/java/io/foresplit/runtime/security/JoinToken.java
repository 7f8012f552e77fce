package io.foresplit.runtime.security;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The secret that all processes of one job share. It travels as {@code authorization: Bearer …}
 * with each call (RFC 6750), and never shows itself otherwise. Thread-safe.
 */
public final class JoinToken {
  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SCHEME = "Bearer ";
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{16,512}");
  private static final int MAX_FILE_BYTES = 4096;

  private final String header;
  private final byte[] digest;

  private JoinToken(String token) {
    header = SCHEME + token;
    digest = sha256(header);
  }

  /**
   * A token.
   *
   * @param where it comes from, for the message when it is no token; the token is not in it
   */
  public static JoinToken of(String token, String where) throws IOException {
    if (!TOKEN.matcher(token).matches()) {
      throw new IOException(
          where
              + ": expected a join token of 16 to 512 letters, digits or . _ ~ + / = -, was "
              + token.length()
              + " characters that are none (make one with: openssl rand -hex 32)");
    }
    return new JoinToken(token);
  }

  /** The token in a file; white space around it does not count. */
  public static JoinToken read(Path file) throws IOException {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new IOException("it is larger than " + MAX_FILE_BYTES + " bytes");
      }
      return of(Files.readString(file).strip(), "join token file " + file);
    } catch (CharacterCodingException e) {
      throw new IOException("join token file " + file + " is no text", e);
    } catch (FileSystemException e) {
      throw new IOException("join token file " + file + " cannot be read: " + reason(e), e);
    }
  }

  /** The token in an environment variable. */
  public static JoinToken fromEnvironment(String variable, Map<String, String> environment)
      throws IOException {
    String value = environment.get(variable);
    if (value == null) {
      throw new IOException(
          "environment variable " + variable + " is not set; it must hold the join token");
    }
    return of(value.strip(), "environment variable " + variable);
  }

  static String reason(FileSystemException e) {
    return e instanceof NoSuchFileException
        ? "it does not exist"
        : e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
  }

  /** Whether a header is this token's; takes as long whatever is wrong with it. */
  boolean matches(@Nullable String shown) {
    return MessageDigest.isEqual(digest, sha256(shown == null ? "" : shown));
  }

  /** Puts the token on each call of a channel. */
  CallCredentials credentials() {
    return new CallCredentials() {
      @Override
      public void applyRequestMetadata(RequestInfo call, Executor work, MetadataApplier applier) {
        Metadata headers = new Metadata();
        headers.put(HEADER, header);
        applier.apply(headers);
      }
    };
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "[join token]";
  }
}
