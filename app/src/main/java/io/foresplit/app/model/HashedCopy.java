package io.foresplit.app.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Bytes on their way into a file, and their SHA-256 in hexadecimal digits. */
final class HashedCopy {
  private static final int BUFFER = 1 << 16;

  private HashedCopy() {}

  /**
   * Copies all of the input.
   *
   * @param all how many bytes it has, 0 when that is not known
   */
  static String copy(InputStream input, Path target, long all, Progress progress)
      throws IOException {
    try (OutputStream output = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
      return copy(input, output, all, progress);
    }
  }

  static String hashOf(Path file) throws IOException {
    try (InputStream input = Files.newInputStream(file)) {
      return copy(input, OutputStream.nullOutputStream(), 0, Progress.silent());
    }
  }

  private static String copy(InputStream input, OutputStream output, long all, Progress progress)
      throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER];
    long copied = 0;
    for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
      output.write(buffer, 0, read);
      digest.update(buffer, 0, read);
      copied += read;
      progress.at(copied, all);
    }
    progress.done();
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
