package io.foresplit.diagnoser;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the name of a metric says of it, as far as it does. Words are told apart by signs and by
 * capitals: {@code latency-90}, {@code cpuUsage}.
 */
enum MetricMeaning {
  /** Good when high: availability, successes. */
  HEALTH(0.1, 1),
  /** Time that callers wait, and errors that they see: bad when high, and shared with callers. */
  SYMPTOM(1, 0.3),
  /** What a component uses up: bad when high, and its own. */
  RESOURCE(1, 0.5),
  /** What is asked of a component: what its callers do. */
  LOAD(0.5, 0.5),
  /** The name says nothing. */
  UNKNOWN(1, 1);

  private static final Pattern BETWEEN_WORDS =
      Pattern.compile("[^\\p{L}\\p{N}]+|(?<=\\p{Ll})(?=\\p{Lu})|(?<=\\p{L})(?=\\p{N})");

  private static final List<String> HEALTH_WORDS =
      List.of("avail", "success", "uptime", "health", "ready", "free", "remaining", "idle");
  private static final List<String> SYMPTOM_WORDS =
      List.of(
          "laten",
          "delay",
          "duration",
          "response",
          "error",
          "fail",
          "fault",
          "timeout",
          "exception",
          "retr",
          "reject",
          "drop",
          "lost",
          "loss");
  private static final List<String> RESOURCE_WORDS =
      List.of(
          "cpu",
          "mem",
          "heap",
          "rss",
          "disk",
          "io",
          "iops",
          "fs",
          "filesystem",
          "net",
          "network",
          "rx",
          "tx",
          "byte",
          "bytes",
          "socket",
          "sockets",
          "thread",
          "threads",
          "gc",
          "swap",
          "conn",
          "connections",
          "pool",
          "queue",
          "throttled");
  private static final List<String> LOAD_WORDS =
      List.of(
          "request",
          "requests",
          "load",
          "qps",
          "rps",
          "tps",
          "throughput",
          "workload",
          "call",
          "calls",
          "invocations",
          "hits",
          "traffic",
          "count");
  private static final List<String> TIME_WORDS = List.of("time", "rt", "rtt", "ms", "seconds");

  /** Words that say how values were put together, not what was measured. */
  private static final Pattern STATISTIC =
      Pattern.compile(
          "avg|average|mean|median|min|minimum|max|maximum|sum|total|std|stddev|p|q|quantile"
              + "|percentile|\\d+");

  private static final Set<String> MEAN = Set.of("avg", "average", "mean");

  private final double rise;
  private final double fall;

  MetricMeaning(double rise, double fall) {
    this.rise = rise;
    this.fall = fall;
  }

  static MetricMeaning of(String metric) {
    List<String> words = words(metric);
    if (words.stream().anyMatch(w -> HEALTH_WORDS.stream().anyMatch(w::startsWith))) {
      return HEALTH;
    }
    if (words.stream().anyMatch(w -> SYMPTOM_WORDS.stream().anyMatch(w::startsWith))) {
      return SYMPTOM;
    }
    if (words.stream().anyMatch(RESOURCE_WORDS::contains)
        || words.stream().anyMatch(w -> w.startsWith("mem"))) {
      return RESOURCE;
    }
    if (words.stream().anyMatch(LOAD_WORDS::contains)) {
      return LOAD;
    }
    return words.stream().anyMatch(TIME_WORDS::contains) ? SYMPTOM : UNKNOWN;
  }

  /** The name without its statistic: latency p90 and latency-50 are both latency. */
  static String measured(String metric) {
    List<String> words =
        words(metric).stream().filter(w -> !STATISTIC.matcher(w).matches()).toList();
    return words.isEmpty() ? metric : String.join(" ", words);
  }

  /** Whether a statistic is the mean, to which each of the values adds. */
  static boolean mean(String metric) {
    return words(metric).stream().anyMatch(MEAN::contains);
  }

  private static List<String> words(String metric) {
    return Arrays.stream(BETWEEN_WORDS.split(metric, -1))
        .filter(w -> !w.isEmpty())
        .map(w -> w.toLowerCase(Locale.ROOT))
        .toList();
  }

  /** How much a rise tells, from 0 to 1. */
  double rise() {
    return rise;
  }

  /** How much a fall tells, from 0 to 1. */
  double fall() {
    return fall;
  }

  /** Whether users feel it. */
  boolean felt() {
    return this == SYMPTOM || this == HEALTH;
  }

  /** Whether callers have a share in it, so that a callee may be its reason. */
  boolean shared() {
    return this != RESOURCE;
  }
}
