package io.foresplit.diagnoser.llm;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobId;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names that must not leave, and what stands for them outside: {@code NODE_1} for a node, the same
 * in every text. Masked are names of jobs and nodes, and so of links; e-mail addresses; IP
 * addresses; host names, which are whatever looks like one. Whatever looks like a placeholder is
 * masked too, so that each text comes back as it was. Words are masked as a whole: a node {@code
 * edge} is not masked within {@code knowledge}. Thread-safe.
 */
final class Masking {
  /** A word begins: also after an escape, such as the one of a line end within JSON. */
  private static final String BEGIN =
      "(?:(?<![\\p{L}\\p{N}])|(?<=\\\\[bfnrt])|(?<=\\\\u[0-9a-fA-F]{4}))";

  private static final String END = "(?![\\p{L}\\p{N}])";

  private static final int LONGEST_HELD = 64;

  /** A kind of name, and how it is known; the first that fits counts. */
  private enum Kind {
    MAIL("[\\p{L}\\p{N}][\\w.%+-]{0,63}+@[\\w-]{1,63}(?:\\.[\\w-]{1,63}){0,10}(?<=[\\p{L}\\p{N}])"),
    ADDRESS(
        "\\d{1,3}(?:\\.\\d{1,3}){3}|(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}"
            + "|[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6}::(?!:)(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?"
            + "|(?<![\\p{L}\\p{N}:])::[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6}"),
    JOB(""),
    NODE(""),
    HOST("[\\p{L}\\p{N}](?:[\\p{L}\\p{N}_-]{0,63}+\\.){1,10}\\p{L}{2,63}"),
    TEXT("(?:MAIL|ADDRESS|JOB|NODE|HOST|TEXT)_\\d+");

    private final String looks;

    Kind(String looks) {
      this.looks = looks;
    }
  }

  private static final Pattern PLACEHOLDER = Pattern.compile(BEGIN + Kind.TEXT.looks + END);

  /** Guarded by this. */
  private final Map<String, Kind> known = new LinkedHashMap<>();

  private final Map<String, String> placeholders = new HashMap<>();
  private final Map<String, String> names = new HashMap<>();
  private Pattern masked = pattern();

  /** Names to be masked from now on. */
  synchronized void learn(JobId job, Collection<ComponentId> components) {
    int before = known.size();
    known.putIfAbsent(bare(job.value()), Kind.JOB);
    for (ComponentId component : components) {
      if (!component.equals(ComponentId.JOB)) {
        known.putIfAbsent(bare(component.from().value()), Kind.NODE);
        known.putIfAbsent(bare(component.to().value()), Kind.NODE);
      }
    }
    if (known.size() > before) {
      masked = pattern();
    }
  }

  /** Without what may end a name and is none: every match begins and ends with a word. */
  private static String bare(String name) {
    return name.replaceAll("[._-]+$", "");
  }

  /** The longest name first. */
  private Pattern pattern() {
    String learnt =
        known.keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(Pattern::quote)
            .collect(Collectors.joining("|"));
    String all =
        List.of(Kind.MAIL, Kind.ADDRESS, Kind.HOST, Kind.TEXT).stream()
            .map(kind -> kind.looks)
            .collect(Collectors.joining("|"));
    String either = learnt.isEmpty() ? all : "(?i:" + learnt + ")" + END + "|" + all;
    return Pattern.compile(BEGIN + "(?:" + either + ")" + END);
  }

  synchronized String mask(String text) {
    return masked.matcher(text).replaceAll(name -> placeholder(name.group()));
  }

  private String placeholder(String name) {
    return placeholders.computeIfAbsent(
        name,
        n -> {
          String placeholder = kind(n) + "_" + (placeholders.size() + 1);
          names.put(placeholder, n);
          return placeholder;
        });
  }

  private Kind kind(String name) {
    for (Map.Entry<String, Kind> each : known.entrySet()) {
      if (each.getKey().equalsIgnoreCase(name)) {
        return each.getValue();
      }
    }
    for (Kind kind : Kind.values()) {
      if (name.matches(kind.looks)) {
        return kind;
      }
    }
    return Kind.TEXT;
  }

  /** Puts names back; a placeholder that stands for nothing stays. */
  synchronized String unmask(String text) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(
            found -> Matcher.quoteReplacement(names.getOrDefault(found.group(), found.group())));
  }

  /** Puts names back in a text that comes in pieces, wherever it is cut. */
  final class Pieces implements Consumer<String> {
    private final Consumer<String> shown;
    private final StringBuilder held = new StringBuilder();

    Pieces(Consumer<String> shown) {
      this.shown = shown;
    }

    @Override
    public void accept(String piece) {
      held.append(piece);
      int end = held.length();
      while (end > 0 && isOfWords(held.charAt(end - 1))) {
        end--;
      }
      // no placeholder is so long
      if (held.length() - end > LONGEST_HELD) {
        end = held.length();
      }
      show(end);
    }

    private static boolean isOfWords(char c) {
      return Character.isLetterOrDigit(c) || c == '_' || c == '\\';
    }

    /** The text is over. */
    void end() {
      show(held.length());
    }

    private void show(int end) {
      if (end > 0) {
        String text = unmask(held.substring(0, end));
        held.delete(0, end);
        shown.accept(text);
      }
    }
  }
}
