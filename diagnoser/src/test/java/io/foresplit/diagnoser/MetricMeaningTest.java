package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricMeaningTest {
  @ParameterizedTest
  @CsvSource({
    "availability Average, HEALTH",
    "success_rate, HEALTH",
    "memory_available_bytes, HEALTH",
    "latency-90, SYMPTOM",
    "requestDurationSeconds, SYMPTOM",
    "requests_failed, SYMPTOM",
    "error, SYMPTOM",
    "packet_loss, SYMPTOM",
    "service time, SYMPTOM",
    "cpu, RESOURCE",
    "cpu_load, RESOURCE",
    "cpu time, RESOURCE",
    "memUsage, RESOURCE",
    "disk-io, RESOURCE",
    "socket, RESOURCE",
    "container_network_rx_bytes_total, RESOURCE",
    "requests Sum, LOAD",
    "load, LOAD",
    "qps, LOAD",
    "temperature, UNKNOWN",
    "'', UNKNOWN"
  })
  void aNameSaysWhatAMetricMeans(String metric, MetricMeaning expected) {
    assertThat(MetricMeaning.of(metric)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "latency p90, latency",
    "latency Average, latency",
    "latency-50, latency",
    "requests Sum, requests",
    "cpuMax, cpu",
    "p99, p99",
    "disk-io, disk io"
  })
  void statisticsOfAMetricAreOfOneName(String metric, String expected) {
    assertThat(MetricMeaning.measured(metric)).isEqualTo(expected);
  }
}
