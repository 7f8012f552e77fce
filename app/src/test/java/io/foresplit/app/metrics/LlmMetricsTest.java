package io.foresplit.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Diagnosis;
import io.foresplit.diagnoser.Refusal;
import io.foresplit.diagnoser.Worlds;
import io.foresplit.diagnoser.llm.LlmListener.Breaker;
import io.foresplit.diagnoser.llm.LlmUnavailableException.Reason;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class LlmMetricsTest {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final LlmMetrics metrics = new LlmMetrics(registry);

  private String scrape() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    ExpositionFormats.init().getPrometheusTextFormatWriter().write(text, registry.scrape());
    return text.toString(StandardCharsets.UTF_8);
  }

  @Test
  void everyLabelIsThereFromTheStart() throws IOException {
    String text = scrape();
    for (Reason reason : Reason.values()) {
      String label = reason.name().toLowerCase(Locale.ROOT);
      assertThat(text)
          .contains(
              reason.isLimit()
                  ? "foresplit_llm_refusals_total{limit=\"" + label + "\"} 0.0"
                  : "foresplit_llm_failures_total{reason=\"" + label + "\"} 0.0");
    }
    assertThat(text)
        .contains("foresplit_llm_tokens_total{direction=\"read\"} 0.0")
        .contains("foresplit_llm_retries_total 0.0")
        .contains("foresplit_llm_breaker{state=\"closed\"} 1.0")
        .contains("foresplit_llm_diagnoses_dropped_total{reason=\"number\"} 0.0");
  }

  @Test
  void callsAndWhatBecomesOfAnswersAreCounted() throws IOException {
    Diagnosis diagnosis = Worlds.uplinkFade().diagnosis();
    metrics.reasonerAsked(diagnosis);
    metrics.failed(Reason.TIMEOUT, Duration.ofSeconds(30));
    metrics.spent(700, 3);
    metrics.retried();
    metrics.answered(Duration.ofSeconds(4));
    metrics.spent(700, 90);
    metrics.reasonerRefused(diagnosis, EnumSet.of(Refusal.NUMBER, Refusal.CITATION));
    metrics.reasonerAsked(diagnosis);
    metrics.reasonerAccepted(diagnosis, 0);
    metrics.refused(Reason.DAY_TOKENS);
    metrics.breaker(Breaker.OPEN);

    assertThat(scrape())
        .contains("foresplit_llm_answers_total 1.0")
        .contains("foresplit_llm_failures_total{reason=\"timeout\"} 1.0")
        .contains("foresplit_llm_retries_total 1.0")
        .contains("foresplit_llm_refusals_total{limit=\"day_tokens\"} 1.0")
        .contains("foresplit_llm_tokens_total{direction=\"read\"} 1400.0")
        .contains("foresplit_llm_tokens_total{direction=\"written\"} 93.0")
        .contains("foresplit_llm_call_seconds_sum 34.0")
        .contains("foresplit_llm_breaker{state=\"open\"} 1.0")
        .contains("foresplit_llm_breaker{state=\"closed\"} 0.0")
        .contains("foresplit_llm_diagnoses_asked_total 2.0")
        .contains("foresplit_llm_diagnoses_survived_total 1.0")
        .contains("foresplit_llm_diagnoses_dropped_total{reason=\"number\"} 1.0")
        .contains("foresplit_llm_diagnoses_dropped_total{reason=\"citation\"} 1.0");
  }
}
