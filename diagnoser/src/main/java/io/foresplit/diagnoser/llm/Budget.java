package io.foresplit.diagnoser.llm;

import io.foresplit.contract.IncidentId;
import io.foresplit.diagnoser.llm.LlmUnavailableException.Reason;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What calls have taken, against the limits. Tokens are reserved before a call, so that calls at
 * the same time keep within them too. The {@value #INCIDENTS} incidents asked about last are
 * remembered, the day always. Thread-safe.
 */
final class Budget {
  private static final int INCIDENTS = 1_000;

  private static final class Spent {
    private long tokens;
    private Duration time = Duration.ZERO;
  }

  private final LlmLimits limits;
  private final InstantSource clock;
  private final Map<IncidentId, Spent> incidents =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<IncidentId, Spent> eldest) {
          return size() > INCIDENTS;
        }
      };
  private LocalDate day = LocalDate.EPOCH;
  private long today;

  Budget(LlmLimits limits, InstantSource clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Sets tokens aside for a call.
   *
   * @return how long it may take
   * @throws LlmUnavailableException when a limit would be passed; nothing is set aside then
   */
  synchronized Duration reserve(IncidentId incident, long tokens) {
    LocalDate now = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    if (!now.equals(day)) {
      day = now;
      today = 0;
    }
    Spent spent = incidents.computeIfAbsent(incident, id -> new Spent());
    if (spent.tokens + tokens > limits.tokensPerIncident()) {
      throw new LlmUnavailableException(
          Reason.INCIDENT_TOKENS,
          "the limit of "
              + limits.tokensPerIncident()
              + " tokens for an incident (llm.tokensPerIncident) leaves too few for this call");
    }
    if (today + tokens > limits.tokensPerDay()) {
      throw new LlmUnavailableException(
          Reason.DAY_TOKENS,
          "the limit of "
              + limits.tokensPerDay()
              + " tokens a day (llm.tokensPerDay) leaves too few for this call");
    }
    Duration left = limits.timePerIncident().minus(spent.time);
    if (left.isNegative() || left.isZero()) {
      throw new LlmUnavailableException(
          Reason.INCIDENT_TIME,
          "the time for an incident, "
              + limits.timePerIncident().toSeconds()
              + " s (llm.timePerIncident), is used up");
    }
    spent.tokens += tokens;
    today += tokens;
    return left;
  }

  /** Ends a call: what it took counts instead of what was set aside. */
  synchronized void settle(IncidentId incident, long reserved, long used, Duration took) {
    Spent spent = incidents.computeIfAbsent(incident, id -> new Spent());
    spent.tokens = Math.max(0, spent.tokens + used - reserved);
    spent.time = spent.time.plus(took);
    today = Math.max(0, today + used - reserved);
  }
}
