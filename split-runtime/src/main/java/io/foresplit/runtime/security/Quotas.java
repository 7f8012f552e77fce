package io.foresplit.runtime.security;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How much of a server each caller uses. Links say something in each report interval, and a call
 * has its message at once. So when no more fit, the stream that has been silent longest, or the
 * call that has waited longest for its message, has to go if that is long; otherwise the new one is
 * refused. Time is passed in. Thread-safe.
 */
final class Quotas {
  private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final int MAX_ACCOUNTS = 1024;

  private final Limits limits;
  private final Map<String, Account> accounts = new HashMap<>();
  private final List<Held> streams = new ArrayList<>();
  private final List<Held> calls = new ArrayList<>();

  Quotas(Limits limits) {
    this.limits = limits;
  }

  /** What one caller has used. */
  private static final class Account {
    private int streams;
    private int calls;
    private double tokens;
    private long refilled;
  }

  /** A stream or call that was let in. */
  static final class Held {
    private final String account;
    private final boolean stream;
    private final Consumer<String> end;
    private long heard;
    private boolean asked;
    private boolean released;

    private Held(String account, boolean stream, long now, Consumer<String> end) {
      this.account = account;
      this.stream = stream;
      this.end = end;
      heard = now;
    }

    void end() {
      end.accept(
          (stream ? "the stream" : "the call") + " was silent while others waited for its place");
    }
  }

  /**
   * What becomes of a call.
   *
   * @param held empty when it is refused
   * @param refusal why, when it is refused
   * @param evicted must be ended, to make room
   */
  record Verdict(Optional<Held> held, String refusal, Optional<Held> evicted) {}

  /**
   * Lets a call in or not.
   *
   * @param now monotonic nanoseconds
   * @param end ends it, should it have to make room later
   */
  synchronized Verdict admit(String caller, boolean stream, long now, Consumer<String> end) {
    Account account = account(caller, now);
    if (account == null) {
      return refused("too many callers");
    }
    if (stream) {
      return admitStream(account, caller, now, end);
    }
    if (account.tokens < 1) {
      return refused("more than " + limits.callsPerSecond() + " calls a second");
    }
    account.tokens--;
    Optional<Held> evicted = Optional.empty();
    if (account.calls >= limits.callsPerPeer()) {
      evicted = silent(calls, now, held -> !held.asked && held.account.equals(caller));
    } else if (calls.size() >= limits.calls()) {
      evicted = silent(calls, now, held -> !held.asked);
    }
    evicted.ifPresent(this::release);
    if (account.calls >= limits.callsPerPeer()) {
      return refused(limits.callsPerPeer() + " calls of this caller are under way");
    }
    if (calls.size() >= limits.calls()) {
      return refused(limits.calls() + " calls are under way");
    }
    Held held = new Held(caller, false, now, end);
    account.calls++;
    calls.add(held);
    return new Verdict(Optional.of(held), "", evicted);
  }

  private Verdict admitStream(Account account, String caller, long now, Consumer<String> end) {
    Optional<Held> evicted = Optional.empty();
    if (account.streams >= limits.streamsPerPeer()) {
      evicted = silent(streams, now, held -> held.account.equals(caller));
    } else if (streams.size() >= limits.streams()) {
      evicted = silent(streams, now, held -> true);
    }
    evicted.ifPresent(this::release);
    if (account.streams >= limits.streamsPerPeer()) {
      return refused(limits.streamsPerPeer() + " streams of this caller are open");
    }
    if (streams.size() >= limits.streams()) {
      return refused(limits.streams() + " streams are open");
    }
    Held held = new Held(caller, true, now, end);
    account.streams++;
    streams.add(held);
    return new Verdict(Optional.of(held), "", evicted);
  }

  private static Optional<Held> silent(List<Held> of, long now, Predicate<Held> among) {
    return of.stream()
        .filter(among)
        .filter(held -> now - held.heard > SILENT_NANOS)
        .max(Comparator.comparingLong(held -> now - held.heard));
  }

  private static Verdict refused(String why) {
    return new Verdict(Optional.empty(), why, Optional.empty());
  }

  /** A message has come on it. */
  synchronized void heard(Held held, long now) {
    held.heard = now;
    held.asked = true;
  }

  /** It is over. */
  synchronized void release(Held held) {
    if (held.released) {
      return;
    }
    held.released = true;
    Account account = accounts.get(held.account);
    if (account == null) {
      return;
    }
    if (held.stream) {
      account.streams--;
      streams.remove(held);
    } else {
      account.calls--;
      calls.remove(held);
    }
  }

  /** How many streams are open. */
  synchronized int openStreams() {
    return streams.size();
  }

  private @Nullable Account account(String caller, long now) {
    double most = 2.0 * limits.callsPerSecond();
    Account account = accounts.get(caller);
    if (account == null) {
      if (accounts.size() >= MAX_ACCOUNTS) {
        accounts
            .values()
            .removeIf(a -> a.streams == 0 && a.calls == 0 && now - a.refilled > SECOND);
      }
      if (accounts.size() >= MAX_ACCOUNTS) {
        return null;
      }
      account = new Account();
      account.tokens = most;
      account.refilled = now;
      accounts.put(caller, account);
    }
    double seconds = Math.max(0, now - account.refilled) / (double) SECOND;
    account.tokens = Math.min(most, account.tokens + seconds * limits.callsPerSecond());
    account.refilled = now;
    return account;
  }
}
