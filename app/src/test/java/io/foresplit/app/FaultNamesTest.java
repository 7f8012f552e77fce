package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.collector.CollectorConfig;
import io.foresplit.collector.CollectorListener;
import io.foresplit.collector.stream.CollectorTopology;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.stream.DiagnosisTopology;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.forecaster.stream.ForecastTopology;
import io.foresplit.forecaster.stream.ForecasterListener;
import io.foresplit.runtime.plan.CutPlanner;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the stages say follows from what is measured, not from what it is called: nodes, layers and
 * job bear the names of faults, shuffled, and the diagnosis stays the same.
 */
class FaultNamesTest {
  private static final List<String> FAULTS = List.of("uplink-fade", "node-slowdown", "label-drift");
  private static final List<List<Integer>> ORDERS =
      List.of(
          List.of(0, 1, 2),
          List.of(0, 2, 1),
          List.of(1, 0, 2),
          List.of(1, 2, 0),
          List.of(2, 0, 1),
          List.of(2, 1, 0));
  private static final long FIRST = 3_534_451_200L;
  private static final int ONSET = 80;
  private static final int RAMP = 60;
  private static final int INTERVALS = 170;
  private static final double SIZE = 8;

  private enum Physics {
    RATE_FALLS(Cause.UPLINK_FADE),
    COMPUTE_SLOWS(Cause.NODE_SLOWDOWN),
    LOSS_RISES(Cause.LABEL_DRIFT);

    private final Cause cause;

    Physics(Cause cause) {
      this.cause = cause;
    }
  }

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void theDiagnosisFollowsTheMeasurementsWhateverTheNames(Physics physics) {
    List<NodeId> plain = List.of(Fixtures.DEVICE, Fixtures.EDGE, Fixtures.CLOUD);
    RankedCause expected = diagnose(physics, job("demo", plain, "layer"));
    assertThat(expected.cause()).isEqualTo(physics.cause);
    for (List<Integer> order : ORDERS) {
      List<String> names = order.stream().map(FAULTS::get).toList();
      List<NodeId> nodes = names.stream().map(NodeId::new).toList();

      RankedCause named = diagnose(physics, job(names.get(2), nodes, names.get(0)));

      assertThat(named.cause()).as(names.toString()).isEqualTo(physics.cause);
      assertThat(named.component()).isEqualTo(component(physics, nodes));
      assertThat(named.probability()).isEqualTo(expected.probability());
    }
    assertThat(expected.component()).isEqualTo(component(physics, plain));
  }

  private static ComponentId component(Physics physics, List<NodeId> nodes) {
    return switch (physics) {
      case RATE_FALLS -> ComponentId.link(nodes.get(0), nodes.get(1));
      case COMPUTE_SLOWS -> ComponentId.of(nodes.get(1));
      case LOSS_RISES -> ComponentId.of(nodes.get(0));
    };
  }

  /** The first diagnosis that names a cause, by the three stages one after the other. */
  private RankedCause diagnose(Physics physics, JobSpec job) {
    CutPlanner planner = new CutPlanner();
    Placement placement =
        Placement.ofCuts(
            job.nodes().stream().map(NodeSpec::id).toList(), job.layers().size(), List.of(2, 4));
    Random random = new Random(7);
    try (TopologyTestDriver collector =
            driver(
                CollectorTopology.build(CollectorConfig.defaults(), new CollectorListener() {}));
        TopologyTestDriver forecaster =
            driver(
                ForecastTopology.build(
                    new ForecastStage(ForecasterConfig.defaults(), planner),
                    new ForecasterListener() {}));
        TopologyTestDriver diagnoser =
            driver(
                DiagnosisTopology.build(
                    DiagnoserConfig.defaults(), planner, new DiagnoserListener() {}))) {
      byte[] topology =
          Codecs.TOPOLOGY.encode(new SplitTopology(job, 0, placement, Instant.ofEpochMilli(0)));
      put(collector, Topics.TOPOLOGY, new KeyValue<>(job.id().value(), topology));
      for (int i = 0; i < INTERVALS; i++) {
        Conditions now = conditions(physics, job, i, random);
        collector.advanceWallClockTime(job.interval());
        for (NodeSpec node : job.nodes()) {
          SegmentReport report = report(physics, job, placement, now, node.id(), i, random);
          put(
              collector,
              Topics.SEGMENT_REPORTS,
              new KeyValue<>(node.id().value(), Codecs.SEGMENT_REPORT.encode(report)));
        }
        for (KeyValue<String, byte[]> entry : take(collector, Topics.SEGMENT_METRICS)) {
          put(forecaster, Topics.SEGMENT_METRICS, entry);
          put(diagnoser, Topics.SEGMENT_METRICS, entry);
        }
        take(forecaster, Topics.INCIDENTS).forEach(e -> put(diagnoser, Topics.INCIDENTS, e));
        for (KeyValue<String, byte[]> entry : take(diagnoser, Topics.DIAGNOSES)) {
          Diagnosis diagnosis = Codecs.DIAGNOSIS.decode(entry.value);
          if (diagnosis.top().isPresent()) {
            return diagnosis.top().get();
          }
        }
        assertThat(take(collector, Topics.SEGMENT_METRICS_REJECTED)).isEmpty();
      }
      throw new AssertionError("nothing was diagnosed for " + physics);
    } catch (io.foresplit.contract.wire.MalformedRecordException e) {
      throw new AssertionError(e);
    }
  }

  /** From 0 before the onset to 1 after the ramp. */
  private static double progress(int interval) {
    return Math.min(1, Math.max(0, (interval - ONSET) / (double) RAMP));
  }

  private static Conditions conditions(Physics physics, JobSpec job, int i, Random random) {
    double factor = Math.pow(SIZE, progress(i));
    Conditions conditions = job.declaredConditions();
    for (LinkSpec link : job.links()) {
      boolean fades =
          physics == Physics.RATE_FALLS
              && link.from().equals(job.nodes().get(0).id())
              && link.to().equals(job.nodes().get(1).id());
      double rate = link.bytesPerSecond() * noise(random) / (fades ? factor : 1);
      conditions = conditions.withLink(link.id(), new LinkCondition(rate, link.delaySeconds()));
    }
    for (NodeSpec node : job.nodes()) {
      boolean slows = physics == Physics.COMPUTE_SLOWS && node.id().equals(job.nodes().get(1).id());
      conditions = conditions.withSlowdown(node.id(), noise(random) * (slows ? factor : 1));
    }
    return conditions;
  }

  private static double noise(Random random) {
    return Math.exp(0.03 * random.nextGaussian());
  }

  private static SegmentReport report(
      Physics physics,
      JobSpec job,
      Placement placement,
      Conditions now,
      NodeId node,
      int i,
      Random random) {
    List<MetricSample> samples = new ArrayList<>();
    ComponentId self = ComponentId.of(node);
    double slowdown = now.slowdowns().getOrDefault(node, 1.0);
    double drift = physics == Physics.LOSS_RISES ? Math.pow(5, progress(i)) : 1;
    // as recorded: what is learnt from wrong labels leaves less variance from node to node
    double variance = 0.5 * Math.pow(drift, -0.35 * job.tier(self.from()));
    samples.add(new MetricSample(self, Metric.SLOWDOWN, slowdown));
    samples.add(new MetricSample(self, Metric.FORWARD_SECONDS, 0.01 * slowdown));
    samples.add(new MetricSample(self, Metric.BACKWARD_SECONDS, 0.02 * slowdown));
    samples.add(new MetricSample(self, Metric.GRADIENT_NORM, noise(random)));
    samples.add(new MetricSample(self, Metric.ACTIVATION_MEAN, 0.3 * noise(random)));
    samples.add(new MetricSample(self, Metric.ACTIVATION_VARIANCE, variance * noise(random)));
    for (LinkSpec link : job.links()) {
      if (link.from().equals(node)) {
        LinkCondition condition = now.links().getOrDefault(link.id(), new LinkCondition(1, 0));
        double transfer = 150_000 / condition.bytesPerSecond() + condition.delaySeconds();
        samples.add(new MetricSample(link.id(), Metric.LINK_RATE, condition.bytesPerSecond()));
        samples.add(
            new MetricSample(
                link.id(), Metric.LINK_DELAY_SECONDS, condition.delaySeconds() * noise(random)));
        samples.add(new MetricSample(link.id(), Metric.TRANSFER_SECONDS, transfer));
      }
    }
    if (node.equals(job.dataOwner())) {
      samples.add(new MetricSample(self, Metric.INPUT_MEAN, 0.3 * noise(random)));
      samples.add(new MetricSample(self, Metric.INPUT_VARIANCE, 0.1 * noise(random)));
      double step = new CutPlanner().predict(job, placement, now) * noise(random);
      samples.add(new MetricSample(ComponentId.JOB, Metric.STEP_SECONDS, step));
      samples.add(new MetricSample(ComponentId.JOB, Metric.STEPS_PER_SECOND, 1 / step));
      samples.add(new MetricSample(ComponentId.JOB, Metric.LOSS, 0.7 * drift * noise(random)));
    }
    long interval = FIRST + i;
    return new SegmentReport(
        job.id(),
        node,
        placement.firstLayer(node),
        placement.lastLayer(node),
        0,
        interval,
        i + 1L,
        Instant.ofEpochMilli((interval + 1) * job.interval().toMillis() + 10),
        4L * i,
        samples);
  }

  /** The fixture job under other names. */
  private static JobSpec job(String id, List<NodeId> nodes, String layer) {
    JobSpec job = Fixtures.lenetJob();
    Map<NodeId, NodeId> renamed =
        Map.of(
            Fixtures.DEVICE, nodes.get(0),
            Fixtures.EDGE, nodes.get(1),
            Fixtures.CLOUD, nodes.get(2));
    return new JobSpec(
        new JobId(id),
        job.model(),
        job.batchSize(),
        job.interval(),
        IntStream.range(0, job.layers().size())
            .mapToObj(i -> named(job.layers().get(i), layer + "-" + i))
            .toList(),
        job.nodes().stream()
            .map(n -> new NodeSpec(renamed.getOrDefault(n.id(), n.id()), n.speed()))
            .toList(),
        job.links().stream()
            .map(
                l ->
                    new LinkSpec(
                        renamed.getOrDefault(l.from(), l.from()),
                        renamed.getOrDefault(l.to(), l.to()),
                        l.bytesPerSecond(),
                        l.delaySeconds()))
            .toList(),
        nodes.get(0),
        job.labelHolders().stream().map(n -> renamed.getOrDefault(n, n)).toList(),
        job.minOwnerLayers(),
        job.objectives());
  }

  private static LayerProfile named(LayerProfile layer, String name) {
    return new LayerProfile(
        name,
        layer.forwardSeconds(),
        layer.backwardSeconds(),
        layer.outputBytes(),
        layer.parameterBytes());
  }

  private TopologyTestDriver driver(Topology topology) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "names-" + topology.hashCode());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    return new TopologyTestDriver(
        topology, properties, Instant.ofEpochMilli(FIRST * Duration.ofMillis(500).toMillis() + 10));
  }

  private static void put(
      TopologyTestDriver driver, String topic, KeyValue<String, byte[]> record) {
    driver
        .createInputTopic(topic, new StringSerializer(), new ByteArraySerializer())
        .pipeInput(record.key, record.value);
  }

  private static List<KeyValue<String, byte[]>> take(TopologyTestDriver driver, String topic) {
    return driver
        .createOutputTopic(topic, new StringDeserializer(), new ByteArrayDeserializer())
        .readKeyValuesToList();
  }
}
