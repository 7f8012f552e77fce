package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.Candidate.WhatIf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Causes that make steps slow. Each is judged by two things that must agree: its own condition left
 * the healthy range (robust change score, on a logarithmic scale), and healing it alone would take
 * away much of the excess step time that the planner predicts, now or for the forecast conditions.
 * So a segment that merely waits is not blamed, nor a link that fades where nothing crosses it, and
 * an early alarm (small change now, large one forecast) finds its cause. Pure.
 */
final class ResourceCauses {
  /** Change scores at which a condition begins to count, and counts fully. */
  private static final double WEAK = 1.5;

  private static final double STRONG = 6;

  /** Share of the healthy step time at which an excess counts by half. */
  private static final double HALF_MATERIAL = 0.15;

  /** What has changed and does no harm is told beside what does, and never alone. */
  private static final double HARMLESS = 0.1;

  /** A downlink's delay must have changed so much more than the uplink's to name it instead. */
  private static final double CLEARLY_MORE = 2;

  private final PlacementPlanner planner;

  ResourceCauses(PlacementPlanner planner) {
    this.planner = planner;
  }

  /** One condition that may be bad, and how to heal it. */
  private record Suspect(
      ComponentId component,
      Cause cause,
      double badness,
      List<SeriesKey> series,
      Healing healing) {}

  /** Sets one condition back to healthy. */
  private interface Healing {
    Conditions apply(Conditions ill, Conditions healthy);
  }

  List<Candidate> rank(Scene scene) {
    List<Suspect> suspects =
        suspects(scene).stream().filter(suspect -> suspect.badness() > WEAK).toList();
    List<Trial> trials = trials(scene, suspects);
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < suspects.size(); i++) {
      int suspected = i;
      Suspect suspect = suspects.get(i);
      Trial telling =
          Collections.max(trials, Comparator.comparingDouble(t -> t.contribution(suspected)));
      double harm = Math.max(HARMLESS, telling.contribution(i));
      candidates.add(
          new Candidate(
              suspect.component(),
              suspect.cause(),
              evidenceWeight(suspect.badness()) * harm,
              suspect.series(),
              Optional.of(telling.whatIf(i))));
    }
    return candidates;
  }

  /**
   * As things are and as they are forecast, first where the layers are. Where they were moved out
   * of the way of something, why they had to be is seen where they were when the incident opened.
   */
  private List<Trial> trials(Scene scene, List<Suspect> suspects) {
    List<Trial> trials = new ArrayList<>();
    for (Placement placement :
        new LinkedHashSet<>(List.of(scene.placement(), scene.openedPlacement()))) {
      trials.add(trial(scene, suspects, placement, false));
      trials.add(trial(scene, suspects, placement, true));
    }
    return trials;
  }

  /** 0 at or below {@value #WEAK}, 1 from {@value #STRONG}, logarithmic between. */
  static double evidenceWeight(double badness) {
    double weight = Math.log(Math.max(badness, WEAK) / WEAK) / Math.log(STRONG / WEAK);
    return Math.min(1, weight);
  }

  /** Predicted step times under one set of conditions, each cause healed in turn. */
  private record Trial(
      boolean forecast, double healthySeconds, double seconds, List<Double> healedSeconds) {
    private double gain(int suspect) {
      return Math.max(0, seconds - healedSeconds.get(suspect));
    }

    /** At least what is gone when all is healed: some of it may be due to none of the suspects. */
    private double totalGain() {
      double total = 0;
      for (int i = 0; i < healedSeconds.size(); i++) {
        total += gain(i);
      }
      return Math.max(total, seconds - healthySeconds);
    }

    /** Excess over a healthy step, as a share of that. */
    private double suffering() {
      return totalGain() / Math.max(healthySeconds, Double.MIN_NORMAL);
    }

    /** Share of the excess that goes when a cause is healed, less when there is little excess. */
    private double contribution(int suspect) {
      double total = totalGain();
      double material = suffering() / (suffering() + HALF_MATERIAL);
      return total > 0 ? gain(suspect) / total * material : 0;
    }

    private WhatIf whatIf(int suspect) {
      return new WhatIf(forecast, seconds, healedSeconds.get(suspect));
    }
  }

  private Trial trial(Scene scene, List<Suspect> suspects, Placement placement, boolean forecast) {
    Conditions healthy = scene.healthy();
    Conditions ill =
        forecast ? scene.completed(scene.incident().expected(), healthy) : scene.present();
    return new Trial(
        forecast,
        planner.predict(scene.job(), placement, healthy),
        planner.predict(scene.job(), placement, ill),
        suspects.stream()
            .map(s -> planner.predict(scene.job(), placement, s.healing().apply(ill, healthy)))
            .toList());
  }

  private static List<Suspect> suspects(Scene scene) {
    List<Suspect> suspects = new ArrayList<>();
    for (int tier = 0; tier + 1 < scene.job().nodes().size(); tier++) {
      NodeId near = scene.job().nodes().get(tier).id();
      NodeId far = scene.job().nodes().get(tier + 1).id();
      ComponentId up = ComponentId.link(near, far);
      ComponentId down = ComponentId.link(far, near);
      suspects.add(fade(scene, up, Cause.UPLINK_FADE));
      suspects.add(fade(scene, down, Cause.DOWNLINK_FADE));
      suspects.add(latency(scene, up, down));
    }
    scene.job().nodes().forEach(node -> suspects.add(slowdown(scene, node.id())));
    return suspects;
  }

  private static Suspect fade(Scene scene, ComponentId link, Cause cause) {
    return new Suspect(
        link,
        cause,
        scene.badness(link, Metric.LINK_RATE),
        List.of(
            new SeriesKey(link, Metric.LINK_RATE), new SeriesKey(link, Metric.TRANSFER_SECONDS)),
        (ill, healthy) ->
            ill.withLink(
                link,
                new LinkCondition(
                    condition(healthy, link).bytesPerSecond(),
                    condition(ill, link).delaySeconds())));
  }

  /** One cause a pair of nodes, named after the uplink unless the downlink alone is slow. */
  private static Suspect latency(Scene scene, ComponentId up, ComponentId down) {
    double upward = delayed(scene, up);
    double downward = delayed(scene, down);
    boolean downAlone = downward > CLEARLY_MORE * Math.max(upward, 1);
    ComponentId named = downAlone ? down : up;
    ComponentId other = downAlone ? up : down;
    return new Suspect(
        named,
        Cause.LATENCY_RISE,
        Math.max(upward, downward),
        List.of(
            new SeriesKey(named, Metric.LINK_DELAY_SECONDS),
            new SeriesKey(named, Metric.TRANSFER_SECONDS),
            new SeriesKey(other, Metric.LINK_DELAY_SECONDS)),
        (ill, healthy) -> withDelay(withDelay(ill, healthy, up), healthy, down));
  }

  private static double delayed(Scene scene, ComponentId link) {
    return scene.delay(link).map(Change::badness).orElse(0.0);
  }

  private static Conditions withDelay(Conditions ill, Conditions healthy, ComponentId link) {
    return ill.withLink(
        link,
        new LinkCondition(
            condition(ill, link).bytesPerSecond(), condition(healthy, link).delaySeconds()));
  }

  private static Suspect slowdown(Scene scene, NodeId node) {
    ComponentId component = ComponentId.of(node);
    return new Suspect(
        component,
        Cause.NODE_SLOWDOWN,
        scene.badness(component, Metric.SLOWDOWN),
        List.of(
            new SeriesKey(component, Metric.SLOWDOWN),
            new SeriesKey(component, Metric.FORWARD_SECONDS),
            new SeriesKey(component, Metric.BACKWARD_SECONDS)),
        (ill, healthy) -> ill.withSlowdown(node, healthySlowdown(healthy, node)));
  }

  private static double healthySlowdown(Conditions healthy, NodeId node) {
    return healthy.slowdowns().getOrDefault(node, 1.0);
  }

  /** Conditions of a scene know every link of the job. */
  private static LinkCondition condition(Conditions conditions, ComponentId link) {
    LinkCondition condition = conditions.links().get(link);
    if (condition == null) {
      throw new IllegalStateException("conditions do not say what link " + link + " is like");
    }
    return condition;
  }
}
