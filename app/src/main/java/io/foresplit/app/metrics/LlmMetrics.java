package io.foresplit.app.metrics;

import io.foresplit.contract.Diagnosis;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.Refusal;
import io.foresplit.diagnoser.llm.LlmListener;
import io.foresplit.diagnoser.llm.LlmUnavailableException.Reason;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/** What language models are asked, as Prometheus metrics; every label is there from the start. */
public final class LlmMetrics implements LlmListener, DiagnoserListener {
  private final Counter tokens;
  private final Counter answers;
  private final Counter failures;
  private final Counter retries;
  private final Counter refusals;
  private final Histogram seconds;
  private final Gauge breaker;
  private final Counter asked;
  private final Counter survived;
  private final Counter dropped;

  public LlmMetrics(PrometheusRegistry registry) {
    tokens = counter(registry, "foresplit_llm_tokens_total", "Tokens used", "direction");
    answers =
        counter(
            registry,
            "foresplit_llm_answers_total",
            "Calls of a language model that were answered");
    failures = counter(registry, "foresplit_llm_failures_total", "Calls that failed", "reason");
    retries =
        counter(
            registry,
            "foresplit_llm_retries_total",
            "Calls made again after one that failed, each of them a call of its own as well");
    refusals =
        counter(
            registry, "foresplit_llm_refusals_total", "Calls not made because of a limit", "limit");
    seconds =
        Histogram.builder()
            .name("foresplit_llm_call_seconds")
            .help("How long a call took, answered or not")
            .unit(Unit.SECONDS)
            .classicUpperBounds(0.5, 1, 2, 5, 10, 20, 30, 60, 120)
            .register(registry);
    breaker =
        Gauge.builder()
            .name("foresplit_llm_breaker")
            .help("1 for the state of the circuit breaker; no call is made while it is open")
            .labelNames("state")
            .register(registry);
    asked =
        counter(
            registry, "foresplit_llm_diagnoses_asked_total", "Diagnoses a model was asked about");
    survived =
        counter(
            registry,
            "foresplit_llm_diagnoses_survived_total",
            "Answers about diagnoses that code accepted");
    dropped =
        counter(
            registry,
            "foresplit_llm_diagnoses_dropped_total",
            "Answers about diagnoses that were dropped, by each reason",
            "reason");
    for (Refusal reason : Refusal.values()) {
      dropped.labelValues(lower(reason));
    }
    tokens.labelValues("read");
    tokens.labelValues("written");
    for (Reason reason : Reason.values()) {
      (reason.isLimit() ? refusals : failures).labelValues(lower(reason));
    }
    breaker(Breaker.CLOSED);
  }

  private static Counter counter(
      PrometheusRegistry registry, String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  @Override
  public void answered(Duration took) {
    answers.inc();
    seconds.observe(took.toNanos() / 1e9);
  }

  @Override
  public void spent(long tokensRead, long tokensWritten) {
    tokens.labelValues("read").inc(tokensRead);
    tokens.labelValues("written").inc(tokensWritten);
  }

  @Override
  public void failed(Reason reason, Duration took) {
    failures.labelValues(lower(reason)).inc();
    seconds.observe(took.toNanos() / 1e9);
  }

  @Override
  public void retried() {
    retries.inc();
  }

  @Override
  public void refused(Reason limit) {
    refusals.labelValues(lower(limit)).inc();
  }

  @Override
  public void breaker(Breaker state) {
    for (Breaker each : Breaker.values()) {
      breaker.labelValues(lower(each)).set(each == state ? 1 : 0);
    }
  }

  @Override
  public void reasonerAsked(Diagnosis diagnosis) {
    asked.inc();
  }

  @Override
  public void reasonerAccepted(Diagnosis revised, int steps) {
    survived.inc();
  }

  @Override
  public void reasonerRefused(Diagnosis diagnosis, Set<Refusal> reasons) {
    reasons.forEach(reason -> dropped.labelValues(lower(reason)).inc());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
