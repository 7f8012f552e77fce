package io.foresplit.runtime.node;

import com.google.protobuf.ByteString;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.tensor.LayerState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * CRC-32C of each chunk, SHA-256 of each layer state that is sent, two cyclic redundancy checks of
 * each that is replayed. Those are computed while training is held, and tell chance divergence as
 * well as SHA-256 would: one in 2^64 is missed. They take a tenth of its time, also in a process
 * that has just begun.
 */
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

  /** Says what a layer is that is replayed, so that its source and its target can be compared. */
  static LayerDigest replayed(LayerState state) {
    CRC32 crc = new CRC32();
    CRC32C castagnoli = new CRC32C();
    Consumer<byte[]> add =
        bytes -> {
          crc.update(bytes);
          castagnoli.update(bytes);
        };
    add.accept(ByteBuffer.allocate(Long.BYTES).putLong(state.steps()).array());
    state
        .arrays()
        .forEach(
            (name, tensor) -> {
              add.accept(name.getBytes(StandardCharsets.US_ASCII));
              add.accept(tensor.bytes());
            });
    return LayerDigest.newBuilder()
        .setLayer(state.layer())
        .setSize(state.encodedBytes())
        .setCrcs((crc.getValue() << Integer.SIZE) | castagnoli.getValue())
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
