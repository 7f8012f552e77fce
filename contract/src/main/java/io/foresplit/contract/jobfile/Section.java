package io.foresplit.contract.jobfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One mapping of a job file, or of another file in YAML or JSON. A getter that finds a problem
 * notes it and returns a harmless stand-in, so that reading goes on and all problems come out at
 * once. Not thread-safe.
 */
public final class Section {
  private final String source;
  private final String path;
  private final YamlNode.Fields node;
  private final List<String> problems;
  private final Set<String> known = new LinkedHashSet<>();

  Section(String source, String path, YamlNode.Fields node, List<String> problems) {
    this.source = source;
    this.path = path;
    this.node = node;
    this.problems = problems;
  }

  /**
   * Reads the mapping that a text in YAML, of which JSON is a part, consists of.
   *
   * @param source names the file in problems
   * @param problems gets one line for each: {@code source:line key: expected …, was …}
   */
  public static void read(
      String yaml, String source, List<String> problems, Consumer<Section> reader) {
    try {
      YamlNode document = YamlNode.parse(yaml);
      if (document instanceof YamlNode.Fields fields) {
        Section root = new Section(source, "", fields, problems);
        reader.accept(root);
        root.refuseOthers();
      } else {
        problems.add(
            source + ":" + document.line() + ": expected a mapping, was " + document.describe());
      }
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      problems.add(source + ":" + line + ": expected valid YAML, was: " + e.getOriginalMessage());
    } catch (IOException e) {
      problems.add(source + ": expected valid YAML, was: " + e.getMessage());
    }
  }

  List<String> problems() {
    return problems;
  }

  /** Whether a key is there; it is then a known one. */
  public boolean has(String key) {
    known.add(key);
    return node.fields().containsKey(key);
  }

  /** Any text that is not blank. */
  public String text(String key) {
    return find(key, "a text").map(n -> scalar(key, n, "a text")).orElse("?");
  }

  /** A number with its unit, in SI units. */
  public double quantity(String key, Quantity quantity) {
    Optional<YamlNode> found = find(key, quantity.expected());
    if (found.isEmpty()) {
      return 1;
    }
    if (found.get() instanceof YamlNode.Scalar scalar) {
      OptionalDouble value = quantity.read(scalar.text());
      if (value.isPresent()) {
        return value.getAsDouble();
      }
    }
    problem(found.get().line(), key, quantity.expected(), found.get().describe());
    return 1;
  }

  /** A whole number. */
  public int integer(String key) {
    return find(key, "a whole number").map(n -> integer(key, n)).orElse(1);
  }

  /** A constant by its name, in any case, with dashes or underscores. */
  public <E extends Enum<E>> E constant(String key, Class<E> type) {
    E[] all = type.getEnumConstants();
    String expected =
        "one of " + String.join(", ", Arrays.stream(all).map(Section::written).toList());
    Optional<YamlNode> found = find(key, expected);
    if (found.isEmpty()) {
      return all[0];
    }
    String text = found.get() instanceof YamlNode.Scalar scalar ? scalar.text() : "";
    for (E constant : all) {
      if (written(constant).equals(text.toLowerCase(Locale.ROOT).replace('_', '-'))) {
        return constant;
      }
    }
    problem(found.get().line(), key, expected, found.get().describe());
    return all[0];
  }

  /** Reads a mapping of names to quantities. */
  public Map<String, Double> quantities(String key, Quantity quantity) {
    Map<String, Double> found = new LinkedHashMap<>();
    section(
        key,
        s -> s.node.fields().keySet().forEach(name -> found.put(name, s.quantity(name, quantity))));
    return found;
  }

  /** A list of names. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (YamlNode item : items(key, "a list of names")) {
      texts.add(scalar(key, item, "a name"));
    }
    return texts;
  }

  /** A list of whole numbers. */
  public List<Integer> integers(String key) {
    List<Integer> numbers = new ArrayList<>();
    for (YamlNode item : items(key, "a list of whole numbers")) {
      numbers.add(integer(key, item));
    }
    return numbers;
  }

  /** Reads a mapping below this one. */
  public void section(String key, Consumer<Section> reader) {
    find(key, "a mapping").ifPresent(n -> nested(key, n, reader));
  }

  /** Reads each mapping of a list below this one. */
  public void sections(String key, Consumer<Section> reader) {
    int index = 0;
    for (YamlNode item : items(key, "a list of mappings")) {
      nested(key + "[" + index++ + "]", item, reader);
    }
  }

  /** Does what may refuse its arguments, and notes the refusal at this section. */
  public void attempt(Runnable construction) {
    try {
      construction.run();
    } catch (IllegalArgumentException e) {
      problems.add(at(node.line(), path) + e.getMessage());
    }
  }

  /** Notes a problem with a key. */
  public void problem(String key, String expected, String was) {
    YamlNode found = node.fields().get(key);
    problem(found == null ? node.line() : found.line(), key, expected, was);
  }

  /** Every key that no getter asked for is a problem. */
  void refuseOthers() {
    node.fields()
        .forEach(
            (key, value) -> {
              if (!known.contains(key)) {
                problem(value.line(), key, "one of " + String.join(", ", known), "an unknown key");
              }
            });
  }

  private void nested(String key, YamlNode found, Consumer<Section> reader) {
    if (found instanceof YamlNode.Fields fields) {
      Section section = new Section(source, full(key), fields, problems);
      reader.accept(section);
      section.refuseOthers();
    } else {
      problem(found.line(), key, "a mapping", found.describe());
    }
  }

  private List<YamlNode> items(String key, String expected) {
    Optional<YamlNode> found = find(key, expected);
    if (found.isEmpty()) {
      return List.of();
    }
    if (found.get() instanceof YamlNode.Items items) {
      return items.items();
    }
    problem(found.get().line(), key, expected, found.get().describe());
    return List.of();
  }

  private String scalar(String key, YamlNode found, String expected) {
    if (found instanceof YamlNode.Scalar scalar && !scalar.text().isBlank()) {
      return scalar.text();
    }
    problem(found.line(), key, expected, found.describe());
    return "?";
  }

  private int integer(String key, YamlNode found) {
    if (found instanceof YamlNode.Scalar scalar) {
      try {
        return Integer.parseInt(scalar.text().strip());
      } catch (NumberFormatException e) {
        // told below, like what is no scalar at all
      }
    }
    problem(found.line(), key, "a whole number", found.describe());
    return 1;
  }

  private Optional<YamlNode> find(String key, String expected) {
    known.add(key);
    YamlNode found = node.fields().get(key);
    if (found == null) {
      problem(node.line(), key, expected, "missing");
    }
    return Optional.ofNullable(found);
  }

  private void problem(int line, String key, String expected, String was) {
    problems.add(at(line, full(key)) + "expected " + expected + ", was " + was);
  }

  private String at(int line, String place) {
    return source + ":" + line + (place.isEmpty() ? ": " : " " + place + ": ");
  }

  private String full(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
