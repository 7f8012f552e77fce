package io.foresplit.runtime.plan;

import io.foresplit.contract.jobfile.Quantity;
import io.foresplit.contract.jobfile.Section;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.TierNetwork.Link;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tiers and links in YAML or JSON; {@code docs/planning.md} lists the fields.
 *
 * <pre>{@code
 * tiers:                                # the data owner first
 *   - { name: device, speed: 0.2, memory: 2 GB }
 *   - { name: edge, profile: edge.json }                    # measured there
 *   - { name: cloud, layerSeconds: { conv1: 0.001, … } }
 * links:
 *   - { between: [device, edge], up: 40 Mbit/s, down: 80 Mbit/s, roundTrip: 30 ms }
 *   - { between: [edge, cloud], up: 125e6, down: 125e6, roundTrip: 0.01 }   # bytes/s, seconds
 * labels: [cloud]                       # optional
 * }</pre>
 *
 * @param labels tiers that hold labels; empty for all
 */
public record NetworkFile(TierNetwork network, Set<String> labels) {
  public NetworkFile {
    labels = Set.copyOf(labels);
  }

  /**
   * Reads a file in UTF-8. Profiles it names are looked for beside it.
   *
   * @param model every layer of which must be measured on tiers that have measurements
   */
  public static NetworkFile read(Path file, ModelGraph model) throws PlanFileException {
    String text = ModelFile.text(file);
    List<String> problems = new ArrayList<>();
    List<NetworkFile> read = new ArrayList<>();
    Section.read(
        text,
        file.toString(),
        problems,
        root -> {
          List<Tier> tiers = new ArrayList<>();
          List<Link> links = new ArrayList<>();
          root.sections("tiers", section -> tier(section, file, model, tiers));
          if (tiers.size() > 1 || root.has("links")) {
            root.sections("links", section -> link(section, tiers, links));
          }
          List<String> labels = root.has("labels") ? root.texts("labels") : List.of();
          for (String label : labels) {
            if (tiers.stream().noneMatch(tier -> tier.name().equals(label))) {
              root.problem("labels", "names of tiers", "'" + label + "'");
            }
          }
          if (problems.isEmpty()) {
            root.attempt(
                () -> read.add(new NetworkFile(new TierNetwork(tiers, links), Set.copyOf(labels))));
          }
        });
    if (!problems.isEmpty()) {
      throw new PlanFileException(problems);
    }
    return read.get(0);
  }

  private static void tier(Section section, Path file, ModelGraph model, List<Tier> tiers) {
    String name = section.text("name");
    double memory =
        section.has("memory") ? section.quantity("memory", Quantity.SIZE) : Tier.UNLIMITED;
    Map<String, Double> measured = new HashMap<>();
    double speed = 1;
    if (section.has("layerSeconds")) {
      measured.putAll(section.quantities("layerSeconds", Quantity.SECONDS));
      requireAll(section, "layerSeconds", measured, model);
    } else if (section.has("profile")) {
      measured.putAll(profile(section, file, model));
    } else {
      speed = section.quantity("speed", Quantity.NUMBER);
    }
    double given = speed;
    section.attempt(() -> tiers.add(new Tier(name, given, measured, memory)));
  }

  private static void requireAll(
      Section section, String key, Map<String, Double> measured, ModelGraph model) {
    model.layers().stream()
        .map(Layer::name)
        .filter(layer -> !measured.containsKey(layer))
        .findFirst()
        .ifPresent(
            layer ->
                section.problem(
                    key, "seconds of every layer of " + model.name(), "without layer " + layer));
  }

  private static Map<String, Double> profile(Section section, Path file, ModelGraph model) {
    String name = section.text("profile");
    Map<String, Double> measured = new HashMap<>();
    try {
      for (Layer layer : ModelFile.read(file.resolveSibling(name)).layers()) {
        measured.put(layer.name(), layer.seconds());
      }
      requireAll(section, "profile", measured, model);
    } catch (PlanFileException | InvalidPathException e) {
      section.problem("profile", "a profile", String.valueOf(e.getMessage()));
    }
    return measured;
  }

  private static void link(Section section, List<Tier> tiers, List<Link> links) {
    List<String> ends = section.texts("between");
    List<String> names = tiers.stream().map(Tier::name).toList();
    int near = links.size();
    if (near + 1 >= names.size() || !ends.equals(names.subList(near, near + 2))) {
      section.problem(
          "between",
          near + 1 < names.size()
              ? names.subList(near, near + 2) + ", for links are in the order of tiers " + names
              : "no more than " + (names.size() - 1) + " links",
          ends.toString());
    }
    double up = section.quantity("up", Quantity.RATE);
    double down = section.quantity("down", Quantity.RATE);
    double roundTrip = section.quantity("roundTrip", Quantity.SECONDS);
    section.attempt(() -> links.add(new Link(up, down, roundTrip)));
  }
}
