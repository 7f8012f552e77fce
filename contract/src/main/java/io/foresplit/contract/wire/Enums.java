package io.foresplit.contract.wire;

import io.foresplit.contract.Cause;
import io.foresplit.contract.Metric;
import java.time.Instant;

/** Closed sets and instants on the wire: by name, and refused when unknown. */
final class Enums {
  /** Instants are refused outside of years 1970 to 9999. */
  private static final long LAST_MILLIS = 253_402_300_799_999L;

  private Enums() {}

  static io.foresplit.contract.wire.proto.Metric toProto(Metric metric) {
    return io.foresplit.contract.wire.proto.Metric.forNumber(metric.number());
  }

  static Metric fromProto(io.foresplit.contract.wire.proto.Metric metric) {
    return convert("metric", Metric.class, metric);
  }

  static io.foresplit.contract.wire.proto.Cause toProto(Cause cause) {
    return io.foresplit.contract.wire.proto.Cause.valueOf(cause.name());
  }

  static Cause fromProto(io.foresplit.contract.wire.proto.Cause cause) {
    return convert("cause", Cause.class, cause);
  }

  /** The constant of the same name; unknown and unspecified ones are refused. */
  static <E extends Enum<E>> E convert(String what, Class<E> type, Enum<?> wire) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(wire.name())) {
        return constant;
      }
    }
    throw new IllegalArgumentException("unknown " + what + " " + wire.name());
  }

  static Instant instant(String what, long millis) {
    if (millis < 0 || millis > LAST_MILLIS) {
      throw new IllegalArgumentException(
          what + " must be milliseconds since 1970, at most the year 9999, was " + millis);
    }
    return Instant.ofEpochMilli(millis);
  }

  /** Unsigned on the wire, at most 2^63 - 1 here. */
  static long counter(String what, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(
          what + " must be at most " + Long.MAX_VALUE + ", was " + Long.toUnsignedString(value));
    }
    return value;
  }
}
