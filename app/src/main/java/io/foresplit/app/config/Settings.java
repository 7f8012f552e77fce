package io.foresplit.app.config;

import io.foresplit.app.config.ConfigException.Problem;
import java.net.URI;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads typed values from given ones, and gathers every problem on the way: a bad value reads as
 * its default, and what nobody asked for is unknown. Not thread-safe.
 */
final class Settings {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)");

  /** A value as given, and where. */
  record Given(String text, String where) {}

  private final Map<String, Given> given;
  private final Set<String> known = new HashSet<>();
  private final List<Problem> problems = new ArrayList<>();

  Settings(Map<String, Given> given) {
    this.given = given;
  }

  Optional<Given> given(String key) {
    known.add(key);
    return Optional.ofNullable(given.get(key));
  }

  void problem(String key, String expected, String was) {
    Given value = given.get(key);
    problems.add(new Problem(key, value == null ? "not set" : value.where(), expected, was));
  }

  String text(String key, String otherwise) {
    return given(key).map(g -> g.text().strip()).orElse(otherwise);
  }

  int port(String key, int otherwise) {
    return read(key, "a port from 0 to 65535", otherwise, Settings::parsePort);
  }

  int count(String key, int otherwise) {
    return number(key, 1, 1000, otherwise);
  }

  int number(String key, int least, int most, int otherwise) {
    return read(
        key,
        "a number from " + least + " to " + most,
        otherwise,
        text ->
            text.matches("\\d{1,7}")
                ? Optional.of(Integer.valueOf(text)).filter(n -> n >= least && n <= most)
                : Optional.empty());
  }

  Duration duration(String key, Duration otherwise) {
    return read(
        key, "a positive duration such as 500ms, 30s or 2m", otherwise, Settings::parseDuration);
  }

  boolean yesOrNo(String key, boolean otherwise) {
    return read(
        key,
        "true or false",
        otherwise,
        text ->
            text.equals("true") || text.equals("false")
                ? Optional.of(Boolean.valueOf(text))
                : Optional.empty());
  }

  <E extends Enum<E>> E oneOf(String key, Class<E> type, E otherwise) {
    String names =
        Arrays.stream(type.getEnumConstants())
            .map(Settings::name)
            .collect(Collectors.joining(", "));
    return read(
        key,
        "one of " + names,
        otherwise,
        text ->
            Arrays.stream(type.getEnumConstants())
                .filter(e -> name(e).equals(text.toLowerCase(Locale.ROOT)))
                .findFirst());
  }

  List<String> list(String key) {
    return Arrays.stream(text(key, "").split(",", -1))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .toList();
  }

  <T> T read(String key, String expected, T otherwise, Function<String, Optional<T>> parse) {
    Optional<Given> value = given(key);
    if (value.isEmpty()) {
      return otherwise;
    }
    Optional<T> parsed = parse.apply(value.get().text().strip());
    if (parsed.isEmpty()) {
      problem(key, expected, "'" + value.get().text() + "'");
    }
    return parsed.orElse(otherwise);
  }

  /** Throws when anything was wrong, unknown keys included. */
  void check() throws ConfigException {
    given.forEach(
        (key, value) -> {
          if (!known.contains(key)) {
            problems.add(
                new Problem(key, value.where(), "a known key" + nearest(key), "an unknown one"));
          }
        });
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }

  private String nearest(String key) {
    return known.stream()
        .filter(k -> distance(k, key) <= 3)
        .min((a, b) -> Integer.compare(distance(a, key), distance(b, key)))
        .map(k -> " (did you mean " + k + "?)")
        .orElseGet(() -> known.stream().sorted().collect(Collectors.joining(", ", " of ", "")));
  }

  /** Edit distance by single characters. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Optional<Integer> parsePort(String text) {
    return text.matches("\\d{1,5}")
        ? Optional.of(Integer.valueOf(text)).filter(p -> p <= 65535)
        : Optional.empty();
  }

  static Optional<Duration> parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (matcher.matches()) {
      long amount = Long.parseLong(matcher.group(1));
      Duration duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
          };
      return Optional.of(duration).filter(d -> !d.isZero());
    }
    try {
      return Optional.of(Duration.parse(text)).filter(d -> !d.isNegative() && !d.isZero());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  static Optional<String> parseHttpUrl(String text) {
    try {
      URI uri = URI.create(text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return http && uri.getHost() != null && uri.getUserInfo() == null
          ? Optional.of(text)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static Optional<String> parseBootstrapServers(String text) {
    boolean valid =
        text.isEmpty()
            || Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .allMatch(s -> s.matches("[A-Za-z0-9._\\-\\[\\]:]+:\\d{1,5}"));
    return valid ? Optional.of(text.replace(" ", "")) : Optional.empty();
  }
}
