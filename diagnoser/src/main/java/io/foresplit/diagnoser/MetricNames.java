package io.foresplit.diagnoser;

import java.util.HashMap;
import java.util.Map;

/** What names of metrics say, each looked at once. Not thread-safe. */
final class MetricNames {
  private final Map<String, MetricMeaning> meanings = new HashMap<>();
  private final Map<String, String> measured = new HashMap<>();
  private final Map<String, Boolean> means = new HashMap<>();

  MetricMeaning meaning(String metric) {
    return meanings.computeIfAbsent(metric, MetricMeaning::of);
  }

  String measured(String metric) {
    return measured.computeIfAbsent(metric, MetricMeaning::measured);
  }

  boolean mean(String metric) {
    return means.computeIfAbsent(metric, MetricMeaning::mean);
  }
}
