package io.foresplit.forecaster.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What tells one model file from another. */
final class Fingerprint {
  private static final int BYTES = 4;

  private Fingerprint() {}

  /** The first eight hexadecimal digits of the SHA-256 of a file. */
  static String of(byte[] file) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(file);
      return HexFormat.of().formatHex(digest, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
