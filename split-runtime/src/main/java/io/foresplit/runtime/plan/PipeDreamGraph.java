package io.foresplit.runtime.plan;

import io.foresplit.runtime.plan.ModelGraph.Layer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Training profiles in the {@code graph.txt} form of PipeDream (Narayanan et al., SOSP 2019):
 *
 * <pre>{@code
 * node2 -- Conv2d(3, 64) -- forward_compute_time=1.5, backward_compute_time=3.0, \
 *     activation_size=1024.0, parameter_size=6912.0 -- stage_id=0
 * <tab>node1 -- node2
 * }</pre>
 *
 * with milliseconds and bytes; {@code activation_size} may be a list {@code [1.0; 2.0]}, which
 * counts as its sum, and the stage is ignored. Gradients are as large as activations, the moments
 * as large as the parameters. {@code Input} nodes are left out, for their time is data loading;
 * layers that took them read raw data. Layers whose output nobody takes read labels, but for sizes
 * and unused parts of tuples. Used once; not thread-safe.
 */
public final class PipeDreamGraph {
  private static final Pattern NODE =
      Pattern.compile("(\\S+) -- (.*?) -- (forward_compute_time=.*?)(?: -- (\\S.*))?");
  private static final Pattern EDGE = Pattern.compile("\\s+(\\S+)\\s+--\\s+(\\S+)\\s*");
  private static final Pattern FIELD =
      Pattern.compile("([a-z_]+)=(\\[[^\\]]*\\]|[^,\\[\\]]*)(?:,\\s*|$)");
  private static final Pattern INPUT = Pattern.compile("Input\\d*");
  private static final Pattern NO_LOSS = Pattern.compile("(__getitem__|Size|hidden)\\b.*");
  private static final Pattern NUMBER = Pattern.compile("\\D*(\\d{1,9})\\D*");
  private static final double MILLIS = 1e-3;

  private final Path file;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private int line;

  /** A node as written, with the nodes around it. */
  private record Node(
      String id,
      int order,
      String operation,
      double forwardSeconds,
      double backwardSeconds,
      long activation,
      long parameters,
      Set<String> inputs,
      Set<String> consumers) {
    boolean isInput() {
      return INPUT.matcher(operation).matches();
    }
  }

  private PipeDreamGraph(Path file) {
    this.file = file;
  }

  static ModelGraph parse(String text, Path file) throws PlanFileException {
    return new PipeDreamGraph(file).graph(text);
  }

  private ModelGraph graph(String text) throws PlanFileException {
    List<String> lines = text.lines().toList();
    for (line = 1; line <= lines.size(); line++) {
      String content = lines.get(line - 1);
      if (!content.isBlank() && !Character.isWhitespace(content.charAt(0))) {
        node(content.strip());
      }
    }
    for (line = 1; line <= lines.size(); line++) {
      String content = lines.get(line - 1);
      if (!content.isBlank() && Character.isWhitespace(content.charAt(0))) {
        edge(content);
      }
    }
    List<Node> ordered = ordered();
    Map<String, Integer> index = new LinkedHashMap<>();
    List<Layer> layers = new ArrayList<>();
    boolean anyInput = ordered.stream().anyMatch(Node::isInput);
    for (Node node : ordered) {
      if (!node.isInput()) {
        index.put(node.id(), layers.size());
        layers.add(layer(node, anyInput, index));
      }
    }
    try {
      ModelGraph model = new ModelGraph(ModelFile.name(file), layers);
      return layers.stream().anyMatch(Layer::readsLabels) ? model : model.withLabelsReadAtTheEnds();
    } catch (IllegalArgumentException e) {
      throw new PlanFileException(List.of(file + ": " + e.getMessage()));
    }
  }

  private Layer layer(Node node, boolean anyInput, Map<String, Integer> index) {
    boolean readsInput =
        anyInput ? !index.keySet().containsAll(node.inputs()) : node.inputs().isEmpty();
    return new Layer(
        node.id(),
        node.operation(),
        node.inputs().stream().filter(index::containsKey).map(index::get).toList(),
        node.forwardSeconds(),
        node.backwardSeconds(),
        new LayerBytes(
            node.activation(),
            node.activation(),
            node.parameters(),
            node.parameters(),
            node.activation()),
        readsInput,
        node.consumers().isEmpty() && !NO_LOSS.matcher(node.operation()).matches());
  }

  private void node(String content) throws PlanFileException {
    Matcher matcher = NODE.matcher(content);
    if (!matcher.matches()) {
      throw refused(
          "expected 'id -- operation -- forward_compute_time=…, backward_compute_time=…,"
              + " activation_size=…, parameter_size=…', was '"
              + shortened(content)
              + "'");
    }
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher field = FIELD.matcher(matcher.group(3));
    int end = 0;
    while (field.find() && field.start() == end && field.end() > end) {
      fields.put(field.group(1), field.group(2).strip());
      end = field.end();
    }
    if (end != matcher.group(3).length()) {
      throw refused(
          "expected key=value pairs, was '" + shortened(matcher.group(3).substring(end)) + "'");
    }
    Node node =
        new Node(
            matcher.group(1),
            order(matcher.group(1)),
            matcher.group(2).replaceAll("\\s+", " ").strip(),
            number(fields, "forward_compute_time", ModelGraph.MAX_SECONDS / MILLIS) * MILLIS,
            number(fields, "backward_compute_time", ModelGraph.MAX_SECONDS / MILLIS) * MILLIS,
            Math.round(number(fields, "activation_size", (double) LayerBytes.MAX)),
            Math.round(number(fields, "parameter_size", (double) LayerBytes.MAX)),
            new TreeSet<>(),
            new TreeSet<>());
    if (nodes.put(node.id(), node) != null) {
      throw refused("node " + node.id() + " is there twice");
    }
  }

  private int order(String id) {
    Matcher number = NUMBER.matcher(id);
    return number.matches() ? Integer.parseInt(number.group(1)) : nodes.size();
  }

  /** A number, or the sum of a list of them. */
  private double number(Map<String, String> fields, String key, double most)
      throws PlanFileException {
    String text = fields.get(key);
    if (text == null) {
      throw refused("expected " + key + ", it is missing");
    }
    double sum = 0;
    String list = text.startsWith("[") ? text.substring(1, text.length() - 1) : text;
    for (String part :
        list.isBlank() && text.startsWith("[") ? new String[0] : list.split(";", -1)) {
      double value;
      try {
        value = Double.parseDouble(part.strip());
      } catch (NumberFormatException e) {
        throw refused("expected " + key + " as a number, was '" + shortened(part) + "'");
      }
      if (!(value >= 0)) {
        throw refused("expected " + key + " of at least 0, was " + part.strip());
      }
      sum += value;
    }
    if (sum > most) {
      throw refused("expected " + key + " of at most " + most + ", was " + shortened(text));
    }
    return sum;
  }

  private void edge(String content) throws PlanFileException {
    Matcher matcher = EDGE.matcher(content);
    if (!matcher.matches()) {
      throw refused("expected an edge 'from -- to', was '" + shortened(content.strip()) + "'");
    }
    Node from = known(matcher.group(1));
    Node to = known(matcher.group(2));
    from.consumers().add(to.id());
    to.inputs().add(from.id());
  }

  private Node known(String id) throws PlanFileException {
    Node node = nodes.get(id);
    if (node == null) {
      throw refused("the edge names node " + shortened(id) + ", which the file does not describe");
    }
    return node;
  }

  /** By number as far as edges allow: the order in which the model was run. */
  private List<Node> ordered() throws PlanFileException {
    Map<String, Integer> waiting = new LinkedHashMap<>();
    PriorityQueue<Node> ready =
        new PriorityQueue<>(
            (a, b) ->
                a.order() == b.order()
                    ? a.id().compareTo(b.id())
                    : Integer.compare(a.order(), b.order()));
    for (Node node : nodes.values()) {
      waiting.put(node.id(), node.inputs().size());
      if (node.inputs().isEmpty()) {
        ready.add(node);
      }
    }
    List<Node> ordered = new ArrayList<>();
    while (!ready.isEmpty()) {
      Node node = ready.remove();
      ordered.add(node);
      waiting.remove(node.id());
      for (String consumer : node.consumers()) {
        if (waiting.merge(consumer, -1, Integer::sum) == 0) {
          ready.add(nodes.get(consumer));
        }
      }
    }
    if (!waiting.isEmpty()) {
      throw new PlanFileException(
          List.of(
              file
                  + ": expected a graph without circles, node "
                  + waiting.keySet().iterator().next()
                  + " is on or behind one"));
    }
    return ordered;
  }

  private PlanFileException refused(String reason) {
    return new PlanFileException(file, line, reason);
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }
}
