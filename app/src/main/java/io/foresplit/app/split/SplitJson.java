package io.foresplit.app.split;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foresplit.runtime.plan.CutOption;
import io.foresplit.runtime.plan.ModelGraph;
import io.foresplit.runtime.plan.SplitObjective;
import io.foresplit.runtime.plan.SplitPlan;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A {@link SplitReport} in JSON; {@code docs/planning.md} lists the fields. */
public final class SplitJson {
  private static final String TIER_OF_LAYER = "tierOfLayer";
  private static final String BEST = "best";

  private SplitJson() {}

  /** Bytes and seconds of one step, pretty-printed. */
  public static String of(SplitReport report) {
    ModelGraph model = report.model();
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("model", model.name())
        .put("layers", model.layers().size())
        .put("edges", model.layers().stream().mapToInt(l -> l.inputs().size()).sum());
    ArrayNode tiers = root.putArray("tiers");
    report.request().network().tierNames().forEach(tiers::add);
    SplitObjective objective = report.request().objective();
    root.put("objective", objective instanceof SplitObjective.Pipelined ? "pipelined" : "latency")
        .put("microBatches", objective.microBatches());
    best(report, root.putObject(BEST));
    report.stayingSeconds().ifPresent(seconds -> root.put("stayingSeconds", seconds));
    options(report, report.runnersUp(), root.putArray("runnersUp"));
    options(report, report.cuts(), root.putArray("cuts"));
    root.put("planningSeconds", report.planningSeconds());
    return root.toPrettyString();
  }

  private static void best(SplitReport report, ObjectNode node) {
    SplitPlan best = report.best();
    node.put("stepSeconds", best.stepSeconds())
        .put("objectiveSeconds", best.objectiveSeconds())
        .put("lowerBoundSeconds", best.boundSeconds())
        .put("optimal", best.optimal())
        .put("moveSeconds", best.moveSeconds());
    ArrayNode tiers = node.putArray("tiers");
    for (int k = 0; k < best.tiers().size(); k++) {
      Tier tier = report.request().network().tiers().get(k);
      ObjectNode load =
          tiers
              .addObject()
              .put("name", tier.name())
              .put("layers", best.tiers().get(k).layers())
              .put("computeSeconds", best.tiers().get(k).seconds())
              .put("memoryBytes", best.tiers().get(k).memoryBytes());
      if (Double.isFinite(tier.memoryBytes())) {
        load.put("memoryLimitBytes", tier.memoryBytes());
      }
    }
    ArrayNode links = node.putArray("links");
    for (int j = 0; j < best.links().size(); j++) {
      SplitPlan.LinkLoad load = best.links().get(j);
      ArrayNode tensors =
          links
              .addObject()
              .put("from", report.tierName(j))
              .put("to", report.tierName(j + 1))
              .put("seconds", load.seconds())
              .put("upBytes", load.upBytes())
              .put("downBytes", load.downBytes())
              .putArray("tensors");
      report.crossing(j).forEach(v -> tensors.add(report.model().layers().get(v).name()));
    }
    ObjectNode tierOfLayer = node.putObject(TIER_OF_LAYER);
    for (int v = 0; v < report.model().layers().size(); v++) {
      tierOfLayer.put(
          report.model().layers().get(v).name(), report.tierName(best.tierOfLayer().get(v)));
    }
  }

  private static void options(SplitReport report, List<CutOption> options, ArrayNode array) {
    List<ModelGraph.Layer> layers = report.model().layers();
    for (CutOption option : options) {
      ObjectNode node = array.addObject().put("firstTierLayers", option.nearLayers());
      if (option.nearLayers() > 0) {
        node.put("cutAfter", layers.get(option.nearLayers() - 1).name());
      }
      option.layersOnTier().forEach(node.putArray("layersOnTier")::add);
      option.tierSeconds().forEach(node.putArray("computeSeconds")::add);
      option.linkSeconds().forEach(node.putArray("linkSeconds")::add);
      node.put("objectiveSeconds", option.objectiveSeconds());
    }
  }

  /**
   * The tier of each layer in the JSON of an earlier report.
   *
   * @throws IllegalArgumentException in one line, when it has none
   */
  public static Map<String, String> placement(String json, String source) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          source
              + ":"
              + Math.max(1, e.getLocation() == null ? 1 : e.getLocation().getLineNr())
              + ": expected JSON, was: "
              + e.getOriginalMessage().lines().findFirst().orElse(""),
          e);
    }
    JsonNode tierOfLayer = root.path(BEST).path(TIER_OF_LAYER);
    Map<String, String> placement = new HashMap<>();
    tierOfLayer.properties().forEach(e -> placement.put(e.getKey(), e.getValue().asText()));
    if (placement.isEmpty()) {
      throw new IllegalArgumentException(
          source + ": expected best.tierOfLayer, as 'foresplit split --json' writes it");
    }
    return placement;
  }
}
