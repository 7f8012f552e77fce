package io.foresplit.runtime.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foresplit.contract.jobfile.Quantity;
import io.foresplit.contract.jobfile.Section;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The project's own profile of a model, in JSON; {@code docs/planning.md} lists the fields. A layer
 * without inputs takes the output of the one before; gradient and kept activation are as large as
 * the output where the file does not tell. Stateless.
 */
public final class ProfileFile {
  private ProfileFile() {}

  /**
   * What is told beside the layers.
   *
   * @param batch samples of the mini-batch that costs are for
   * @param note how it was measured, for people
   */
  public record About(int batch, String note) {}

  static ModelGraph parse(String text, Path file) throws PlanFileException {
    List<String> problems = new ArrayList<>();
    List<ModelGraph> models = new ArrayList<>();
    Section.read(
        text,
        file.toString(),
        problems,
        root -> {
          List<Layer> layers = new ArrayList<>();
          Map<String, Integer> index = new HashMap<>();
          String name = root.text("model");
          if (root.has("batch") && root.integer("batch") < 1) {
            root.problem("batch", "at least 1", String.valueOf(root.integer("batch")));
          }
          if (root.has("note")) {
            root.text("note");
          }
          root.sections("layers", section -> layer(section, layers, index));
          if (problems.isEmpty()) {
            root.attempt(() -> models.add(finished(name, layers)));
          }
        });
    if (!problems.isEmpty()) {
      throw new PlanFileException(problems);
    }
    return models.get(0);
  }

  private static void layer(Section section, List<Layer> layers, Map<String, Integer> index) {
    String name = section.text("name");
    List<Integer> inputs = new ArrayList<>();
    if (section.has("inputs")) {
      for (String input : section.texts("inputs")) {
        if (index.containsKey(input)) {
          inputs.add(index.get(input));
        } else {
          section.problem("inputs", "names of layers above", "'" + input + "'");
        }
      }
    } else if (!layers.isEmpty()) {
      inputs.add(layers.size() - 1);
    }
    double forward = section.quantity("forwardSeconds", Quantity.SECONDS);
    double backward = section.quantity("backwardSeconds", Quantity.SECONDS);
    double output = section.quantity("outputBytes", Quantity.SIZE);
    double gradient = optional(section, "gradientBytes", output);
    double parameters = optional(section, "parameterBytes", 0);
    double optimiser = optional(section, "optimiserBytes", 0);
    double activation = optional(section, "activationBytes", output);
    boolean readsInput = flag(section, "readsInput", inputs.isEmpty());
    boolean readsLabels = flag(section, "readsLabels", false);
    String operation = section.has("operation") ? section.text("operation") : "";
    section.attempt(
        () -> {
          LayerBytes bytes =
              new LayerBytes(
                  Math.round(output),
                  Math.round(gradient),
                  Math.round(parameters),
                  Math.round(optimiser),
                  Math.round(activation));
          layers.add(
              new Layer(
                  name, operation, inputs, forward, backward, bytes, readsInput, readsLabels));
          if (index.put(name, layers.size() - 1) != null) {
            throw new IllegalArgumentException("layer " + name + " is there twice");
          }
        });
  }

  /** When no layer says that it reads labels, those whose output nobody takes do. */
  private static ModelGraph finished(String name, List<Layer> layers) {
    if (layers.stream().anyMatch(Layer::readsLabels)) {
      return new ModelGraph(name, layers);
    }
    return new ModelGraph(name, layers).withLabelsReadAtTheEnds();
  }

  private static double optional(Section section, String key, double otherwise) {
    return section.has(key) ? section.quantity(key, Quantity.SIZE) : otherwise;
  }

  private static boolean flag(Section section, String key, boolean otherwise) {
    if (!section.has(key)) {
      return otherwise;
    }
    String text = section.text(key);
    if (!text.equals("true") && !text.equals("false")) {
      section.problem(key, "true or false", "'" + text + "'");
    }
    return text.equals("true");
  }

  /** The JSON of a profile, which {@link ModelFile#read} reads back the same. */
  public static String json(ModelGraph model, About about) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("model", model.name()).put("batch", about.batch());
    if (!about.note().isBlank()) {
      root.put("note", about.note());
    }
    ArrayNode layers = root.putArray("layers");
    for (Layer layer : model.layers()) {
      ObjectNode node = layers.addObject().put("name", layer.name());
      if (!layer.operation().isBlank()) {
        node.put("operation", layer.operation());
      }
      ArrayNode inputs = node.putArray("inputs");
      layer.inputs().forEach(i -> inputs.add(model.layers().get(i).name()));
      node.put("forwardSeconds", layer.forwardSeconds())
          .put("backwardSeconds", layer.backwardSeconds())
          .put("outputBytes", layer.bytes().output())
          .put("gradientBytes", layer.bytes().gradient())
          .put("parameterBytes", layer.bytes().parameters())
          .put("optimiserBytes", layer.bytes().optimiser())
          .put("activationBytes", layer.bytes().activation())
          .put("readsInput", layer.readsInput())
          .put("readsLabels", layer.readsLabels());
    }
    return root.toPrettyString() + "\n";
  }
}
