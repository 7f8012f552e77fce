package io.foresplit.runtime.node;

import com.google.protobuf.ByteString;
import io.foresplit.runtime.proto.LayerDigest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/** CRC-32C of each chunk, SHA-256 of each layer state. */
final class Checksums {
  private Checksums() {}

  static int crc(ByteString data) {
    CRC32C crc = new CRC32C();
    data.asReadOnlyByteBufferList().forEach(crc::update);
    return (int) crc.getValue();
  }

  /** Says what a layer's encoded state is. */
  static LayerDigest digest(int layer, byte[] state) {
    return LayerDigest.newBuilder()
        .setLayer(layer)
        .setSize(state.length)
        .setSha256(sha256(state))
        .build();
  }

  static ByteString sha256(byte[] state) {
    try {
      return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(state));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
