package io.foresplit.runtime.security;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status.Code;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses calls, and tells of it in the log: of each kind one line at once and then at most one in
 * ten seconds, with how many there were. Thread-safe.
 */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Why a call is refused. */
  enum Kind {
    TOKEN(Code.UNAUTHENTICATED),
    IDENTITY(Code.PERMISSION_DENIED),
    LOAD(Code.RESOURCE_EXHAUSTED);

    private final Code code;

    Kind(Code code) {
      this.code = code;
    }
  }

  private static final class Told {
    private long last;
    private long since;
  }

  private final LongSupplier nanoTime;
  private final Consumer<String> lines;
  private final Map<Kind, Told> told = new EnumMap<>(Kind.class);

  Refusals(LongSupplier nanoTime) {
    this(nanoTime, LOG::warn);
  }

  Refusals(LongSupplier nanoTime, Consumer<String> lines) {
    this.nanoTime = nanoTime;
    this.lines = lines;
  }

  /** Ends a call with a reason. */
  void refuse(ServerCall<?, ?> call, Kind kind, String why) {
    log(kind, call, why);
    call.close(kind.code.toStatus().withDescription(why), new Metadata());
  }

  private void log(Kind kind, ServerCall<?, ?> call, String why) {
    long now = nanoTime.getAsLong();
    long others;
    synchronized (told) {
      Told of = told.get(kind);
      if (of != null && now - of.last < QUIET_NANOS) {
        of.since++;
        return;
      }
      others = of == null ? 0 : of.since;
      Told fresh = new Told();
      fresh.last = now;
      told.put(kind, fresh);
    }
    lines.accept(
        call.getMethodDescriptor().getBareMethodName()
            + " from "
            + call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            + " is refused: "
            + why
            + (others == 0 ? "" : " (and " + others + " more before it)"));
  }
}
