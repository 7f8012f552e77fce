package io.foresplit.contract.wire;

/** Turns a domain type into bytes and back. Thread-safe. */
public interface Codec<T> {
  byte[] encode(T value);

  /** Throws when the bytes are not a valid {@code T}; the message says why, in one line. */
  T decode(byte[] bytes) throws MalformedRecordException;
}
