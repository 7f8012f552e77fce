package io.foresplit.contract.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.time.DateTimeException;
import java.util.function.Function;

/** A codec by way of a Protobuf message. Immutable. */
final class ProtoCodec<T, M extends MessageLite> implements Codec<T> {
  private static final int LONGEST_REASON = 300;

  private final String what;
  private final Parser<M> parser;
  private final Function<T, M> toWire;
  private final Function<M, T> fromWire;

  ProtoCodec(String what, Parser<M> parser, Function<T, M> toWire, Function<M, T> fromWire) {
    this.what = what;
    this.parser = parser;
    this.toWire = toWire;
    this.fromWire = fromWire;
  }

  @Override
  public byte[] encode(T value) {
    return toWire.apply(value).toByteArray();
  }

  @Override
  public T decode(byte[] bytes) throws MalformedRecordException {
    try {
      return fromWire.apply(parser.parseFrom(bytes));
    } catch (InvalidProtocolBufferException
        | IllegalArgumentException
        | ArithmeticException
        | DateTimeException e) {
      throw new MalformedRecordException(what + ": " + oneLine(e), e);
    }
  }

  private static String oneLine(Exception e) {
    String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    return message.length() <= LONGEST_REASON
        ? message
        : message.substring(0, LONGEST_REASON) + "…";
  }
}
