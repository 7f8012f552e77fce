package io.foresplit.contract.wire;

/** Bytes that are not a valid record. The message is one line for people. */
public final class MalformedRecordException extends Exception {
  public MalformedRecordException(String message) {
    super(message);
  }

  public MalformedRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
