package io.foresplit.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.view.SyntheticRun;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.Rejection;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServiceMetricsTest {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ServiceMetrics metrics = new ServiceMetrics(registry);

  private String scrape() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    ExpositionFormats.init().getPrometheusTextFormatWriter().write(text, registry.scrape());
    return text.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aRunShowsInEveryMetric() throws IOException {
    SyntheticRun run = new SyntheticRun(1_000);
    metrics.caughtUp();
    metrics.on(new ForecastPace(SyntheticRun.JOB, 1, 16));
    metrics.coverageMeasured(
        SyntheticRun.JOB, List.of(0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9));
    metrics.on(new Rejection(Rejection.Code.BAD_VALUE, "loss", 0, 1, new byte[0]));
    for (int step = 0; step <= SyntheticRun.VERIFIED; step++) {
      run.interval(step, metrics);
    }

    assertThat(scrape())
        .contains("foresplit_step_seconds{job=\"fashion-mnist\"} 0.0")
        .contains("foresplit_steps_per_second{job=\"fashion-mnist\"} ")
        .contains("foresplit_loss{job=\"fashion-mnist\"} ")
        .contains("foresplit_link_rate_bytes{job=\"fashion-mnist\",link=\"device->edge\"} ")
        .contains("foresplit_link_delay_seconds{job=\"fashion-mnist\",link=\"device->edge\"} ")
        .contains("foresplit_node_slowdown{job=\"fashion-mnist\",node=\"edge\"} 1.")
        .contains("foresplit_forecast_pace_intervals{job=\"fashion-mnist\"} 16.0")
        .contains("foresplit_forecast_coverage_ratio{job=\"fashion-mnist\",quantile=\"0.1\"} 0.12")
        .contains("foresplit_topology_epoch{job=\"fashion-mnist\"} 1.0")
        .contains("foresplit_objective_bound{job=\"fashion-mnist\",objective=\"step-time\"} 0.12")
        .contains(
            "foresplit_breach_probability{job=\"fashion-mnist\",objective=\"step-time\"} 0.84")
        .contains("foresplit_forecast_step_seconds{job=\"fashion-mnist\",quantile=\"0.9\"} 0.")
        .contains("foresplit_incident_open{job=\"fashion-mnist\"} 1.0")
        .contains("foresplit_incidents_total{job=\"fashion-mnist\",phase=\"open\"} 1.0")
        .contains(
            "foresplit_diagnoses_total{cause=\"uplink-fade\",job=\"fashion-mnist\","
                + "reasoner=\"statistics\"} 1.0")
        .contains(
            "foresplit_actions_total{job=\"fashion-mnist\",proposer=\"planner\",result=\"helped\"}"
                + " 1.0")
        .contains("foresplit_move_pause_seconds_sum 0.312")
        .contains("foresplit_rejected_reports_total{code=\"bad_value\"} 1.0")
        .contains("foresplit_rejected_reports_total{code=\"malformed\"} 0.0")
        .contains("foresplit_ticks_total{job=\"fashion-mnist\"} 125.0");

    run.interval(SyntheticRun.RESOLVED, metrics);
    assertThat(scrape()).contains("foresplit_incident_open{job=\"fashion-mnist\"} 0.0");
  }

  @Test
  void recommendedMovesAreCountedByWhatBecameOfThem() throws IOException {
    metrics.recommended(SyntheticRun.JOB, 2, 1, true);
    metrics.recommended(SyntheticRun.JOB, 0, 1, false);
    metrics.late(SyntheticRun.JOB, 3);

    String moves = "foresplit_recommended_moves_total{job=\"fashion-mnist\",verdict=";
    assertThat(scrape())
        .contains(moves + "\"late\"} 3.0")
        .contains(moves + "\"refused\"} 2.0", moves + "\"lost\"} 2.0", moves + "\"won\"} 1.0");
  }

  @Test
  void historySetsGaugesButCountsNothing() throws IOException {
    SyntheticRun run = new SyntheticRun(1_000);
    for (int step = 0; step <= SyntheticRun.OPENED; step++) {
      run.interval(step, metrics);
    }

    assertThat(scrape())
        .contains("foresplit_incident_open{job=\"fashion-mnist\"} 1.0")
        .doesNotContain("foresplit_ticks_total{")
        .doesNotContain("foresplit_incidents_total{");
  }
}
