package io.foresplit.bench.diagnosis;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.Severity;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A chain of segments, each on a node of its own, that report {@link #INTERVALS} intervals of about
 * twenty metrics each; the uplink in the middle fades to a tenth of its rate, and step time and
 * loss are at risk. Seeded.
 */
final class WideJob {
  static final int INTERVALS = 600;

  private static final JobId JOB = new JobId("wide");
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int ONSET = INTERVALS - 40;
  private static final double RATE = 1e8;
  private static final double DELAY_SECONDS = 0.002;
  private static final double NOISE = 0.04;

  private final Random random = new Random(7);
  private final JobSpec job;

  WideJob(int segments) {
    List<NodeId> chain =
        IntStream.range(0, segments).mapToObj(i -> new NodeId("node-" + i)).toList();
    List<LinkSpec> links = new ArrayList<>();
    for (int i = 0; i + 1 < segments; i++) {
      links.add(new LinkSpec(chain.get(i), chain.get(i + 1), RATE, DELAY_SECONDS));
      links.add(new LinkSpec(chain.get(i + 1), chain.get(i), RATE, DELAY_SECONDS));
    }
    job =
        new JobSpec(
            JOB,
            "wide",
            32,
            INTERVAL,
            IntStream.range(0, segments)
                .mapToObj(i -> new LayerProfile("layer" + i, 0.01, 0.02, 100_000, 10_000))
                .toList(),
            chain.stream().map(node -> new NodeSpec(node, 1)).toList(),
            links,
            chain.get(0),
            chain.subList(1, segments),
            1,
            List.of(
                objective("step-time", Metric.STEP_SECONDS, 10),
                objective("loss", Metric.LOSS, 2)));
  }

  private static Objective objective(String id, Metric metric, double bound) {
    return new Objective(
        new ObjectiveId(id), metric, bound, Duration.ofSeconds(30), Severity.CRITICAL);
  }

  private ComponentId faded() {
    return job.links().get(job.links().size() / 4 * 2).id();
  }

  private double fade(int interval) {
    return interval < ONSET ? 1 : 10;
  }

  /** The job's log, as long as there is history. */
  void log(Consumer<JobRecord> to) {
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    to.accept(new SplitTopology(job, 0, Placement.ofCuts(chain, chain.size(), cuts()), START));
    for (int interval = 1; interval <= INTERVALS; interval++) {
      for (NodeId node : chain) {
        to.accept(
            new SegmentMetrics(JOB, node, 0, interval, interval * 3L, samples(node, interval)));
      }
      to.accept(new IntervalTick(JOB, interval, 0, end(interval), INTERVAL, List.of()));
    }
  }

  private List<Integer> cuts() {
    return IntStream.range(1, job.nodes().size()).boxed().toList();
  }

  private static Instant end(int interval) {
    return START.plus(INTERVAL.multipliedBy(interval + 1));
  }

  private List<MetricSample> samples(NodeId node, int interval) {
    ComponentId self = ComponentId.of(node);
    List<MetricSample> samples = new ArrayList<>();
    for (Metric metric :
        List.of(
            Metric.SLOWDOWN,
            Metric.FORWARD_SECONDS,
            Metric.BACKWARD_SECONDS,
            Metric.QUEUE_WAIT_SECONDS,
            Metric.CPU_SHARE,
            Metric.HEAP_BYTES,
            Metric.NATIVE_BYTES,
            Metric.GRADIENT_NORM,
            Metric.ACTIVATION_MEAN,
            Metric.ACTIVATION_VARIANCE)) {
      samples.add(new MetricSample(self, metric, noisy(1)));
    }
    if (node.equals(job.dataOwner())) {
      samples.add(new MetricSample(self, Metric.INPUT_MEAN, noisy(1)));
      samples.add(new MetricSample(self, Metric.INPUT_VARIANCE, noisy(1)));
      samples.add(
          new MetricSample(ComponentId.JOB, Metric.STEP_SECONDS, noisy(6) * fade(interval)));
      samples.add(new MetricSample(ComponentId.JOB, Metric.LOSS, noisy(1)));
    }
    for (LinkSpec link : job.links()) {
      if (link.from().equals(node)) {
        double fade = link.id().equals(faded()) ? fade(interval) : 1;
        samples.add(new MetricSample(link.id(), Metric.LINK_RATE, noisy(RATE) / fade));
        samples.add(new MetricSample(link.id(), Metric.LINK_DELAY_SECONDS, noisy(DELAY_SECONDS)));
        samples.add(new MetricSample(link.id(), Metric.TRANSFER_SECONDS, noisy(0.001) * fade));
        samples.add(new MetricSample(link.id(), Metric.TRANSFER_BYTES, noisy(100_000)));
      }
    }
    return samples;
  }

  private double noisy(double value) {
    return value * Math.exp(NOISE * random.nextGaussian());
  }

  /** An incident of the newest interval. */
  Incident incident() {
    Conditions ill =
        job.declaredConditions().withLink(faded(), new LinkCondition(RATE / 10, DELAY_SECONDS));
    return new Incident(
        new IncidentId("inc-wide"),
        JOB,
        Incident.Phase.OPEN,
        INTERVALS,
        INTERVALS,
        ONSET,
        end(INTERVALS),
        0,
        List.of(risk("step-time"), risk("loss")),
        List.of(),
        ill,
        ill);
  }

  private static BreachRisk risk(String objective) {
    return new BreachRisk(
        new ObjectiveId(objective), 0.9, INTERVALS + 2, INTERVALS + 4, -1, 1, false);
  }
}
