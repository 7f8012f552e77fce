package io.foresplit.app.offline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/**
 * Tells component and metric in the name of a column, such as {@code front-end_latency-90}: by a
 * pattern if one is given; else the longest component of the call graph that the name begins with
 * and a {@code _}; else before and after the first {@code _}, or the last, whichever makes fewer
 * different components and metrics of all the columns. A name without {@code _} is a component with
 * the metric {@code value}.
 *
 * @param pattern with a group for the component and one for the metric
 * @param components known of the call graph
 */
record ColumnNames(Optional<Pattern> pattern, Set<String> components) {
  private static final char SEPARATOR = '_';
  private static final String LONE_METRIC = "value";

  ColumnNames {
    components = Set.copyOf(components);
  }

  /** Compiles a pattern of the user. */
  static Pattern pattern(String regex) throws InputException {
    try {
      Pattern pattern = Pattern.compile(regex);
      for (String group : List.of("component", "metric")) {
        if (!regex.contains("(?<" + group + ">")) {
          throw new InputException(
              "--columns: expected the groups (?<component>…) and (?<metric>…), was '"
                  + InputException.shown(regex)
                  + "'");
        }
      }
      return pattern;
    } catch (PatternSyntaxException e) {
      throw new InputException(
          "--columns: expected a regular expression, was '"
              + InputException.shown(regex)
              + "': "
              + e.getDescription());
    }
  }

  /**
   * Component and metric of each column; an empty list for the time, for columns without a name and
   * for those that the pattern does not match.
   *
   * @throws InputException when two columns are the same metric of the same component
   */
  List<List<String>> split(List<String> columns, int timeColumn, Path file) throws InputException {
    List<String> open =
        IntStream.range(0, columns.size())
            .filter(i -> i != timeColumn)
            .mapToObj(i -> columns.get(i).strip())
            .filter(name -> known(name) < 0)
            .toList();
    boolean first = names(open, name -> name.indexOf(SEPARATOR)) <= names(open, name -> last(name));
    List<List<String>> keys = new ArrayList<>();
    Set<List<String>> seen = new HashSet<>();
    for (int i = 0; i < columns.size(); i++) {
      String name = columns.get(i).strip();
      List<String> key =
          i == timeColumn || name.isEmpty()
              ? List.of()
              : pattern.isPresent() ? matched(pattern.get(), name) : key(name, first);
      if (!key.isEmpty() && !seen.add(key)) {
        throw new InputException(
            file + ", line 1: expected one column " + InputException.shown(name) + ", there are 2");
      }
      keys.add(key);
    }
    return keys;
  }

  private static List<String> matched(Pattern pattern, String name) {
    Matcher matcher = pattern.matcher(name);
    return matcher.matches()
            && matcher.group("component") != null
            && matcher.group("metric") != null
        ? List.of(matcher.group("component"), matcher.group("metric"))
        : List.of();
  }

  private List<String> key(String name, boolean first) {
    int known = known(name);
    return at(name, known >= 0 ? known : first ? name.indexOf(SEPARATOR) : last(name));
  }

  /** Length of the longest known component that the name begins with; -1 when there is none. */
  private int known(String name) {
    int longest = -1;
    for (String component : components) {
      boolean begins = name.startsWith(component + SEPARATOR) || name.equals(component);
      longest = begins ? Math.max(longest, component.length()) : longest;
    }
    return longest;
  }

  private static int last(String name) {
    return name.lastIndexOf(SEPARATOR);
  }

  private static List<String> at(String name, int separator) {
    return separator <= 0 || separator >= name.length() - 1
        ? List.of(name, LONE_METRIC)
        : List.of(name.substring(0, separator), name.substring(separator + 1));
  }

  /** Different components and metrics of all columns, if they are divided in a way. */
  private static int names(List<String> columns, ToIntFunction<String> separator) {
    Set<String> components = new HashSet<>();
    Set<String> metrics = new HashSet<>();
    for (String column : columns) {
      List<String> key = at(column, separator.applyAsInt(column));
      components.add(key.get(0));
      metrics.add(key.get(1));
    }
    return components.size() + metrics.size();
  }
}
