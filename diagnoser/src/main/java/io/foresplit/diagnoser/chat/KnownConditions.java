package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.DiagnoserConfig;
import java.util.Map;

/**
 * The conditions that a what-if may be asked under.
 *
 * @param healthy medians of a window before the onset, as declared where nothing was measured then
 * @param measured as the trouble's last record says; healthy where it says nothing
 * @param forecast for the end of the horizon; healthy where nothing is said
 */
record KnownConditions(Conditions healthy, Conditions measured, Conditions forecast) {
  private static final DiagnoserConfig WINDOW = DiagnoserConfig.defaults();

  static KnownConditions of(IncidentFacts facts, JobSpec job) {
    Conditions healthy = healthy(facts, job);
    return new KnownConditions(
        healthy,
        completed(healthy, facts.trouble().now()),
        completed(healthy, facts.trouble().expected()));
  }

  private static Conditions healthy(IncidentFacts facts, JobSpec job) {
    Conditions result = job.declaredConditions();
    for (LinkSpec link : job.links()) {
      result = measured(facts, new SeriesKey(link.id(), Metric.LINK_RATE), result);
      result = measured(facts, new SeriesKey(link.id(), Metric.LINK_DELAY_SECONDS), result);
    }
    for (NodeSpec node : job.participants()) {
      result = measured(facts, new SeriesKey(ComponentId.of(node.id()), Metric.SLOWDOWN), result);
    }
    return result;
  }

  private static Conditions measured(IncidentFacts facts, SeriesKey series, Conditions otherwise) {
    long last = facts.incident().onsetInterval() - WINDOW.guardIntervals() - 1;
    MetricsLookUp.Found found =
        new MetricsLookUp(series, last, WINDOW.healthyIntervals()).in(facts);
    return found.present() < WINDOW.leastValues() || found.median().isEmpty()
        ? otherwise
        : otherwise.with(series, found.median().getAsDouble());
  }

  private static Conditions completed(Conditions healthy, Conditions known) {
    Conditions result = healthy;
    for (Map.Entry<ComponentId, LinkCondition> link : known.links().entrySet()) {
      result = result.withLink(link.getKey(), link.getValue());
    }
    for (Map.Entry<NodeId, Double> node : known.slowdowns().entrySet()) {
      result = result.withSlowdown(node.getKey(), node.getValue());
    }
    return result;
  }
}
