package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.collector.CollectorConfig;
import io.foresplit.collector.CollectorListener;
import io.foresplit.collector.stream.CollectorTopology;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.Topics;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.stream.DiagnosisTopology;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.forecaster.stream.ForecastTopology;
import io.foresplit.forecaster.stream.ForecasterListener;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.SimulatedRuntime;
import io.foresplit.runtime.sim.Simulation;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a simulated job of the demo reports, through collector, forecaster and diagnoser: they say
 * of it what they say of real nodes.
 */
class SimulatedFaultsTest {
  private static final Duration LAG = Duration.ofMillis(10);
  private static final double ONSET = 75;
  private static final double RAMP = 30;
  private static final int INTERVALS = 260;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "UPLINK_FADE, device->edge, 8, UPLINK_FADE",
    "DOWNLINK_FADE, cloud->edge, 30, DOWNLINK_FADE",
    "CPU_CONTENTION, edge, 4, NODE_SLOWDOWN",
    "LABEL_DRIFT, device, 0.8, LABEL_DRIFT",
    "FEATURE_DRIFT, device, 0.8, FEATURE_DRIFT",
  })
  void aDisturbanceIsDiagnosedAsWhatItIs(
      DisturbanceKind kind, String component, double size, Cause cause) throws Exception {
    ComponentId struck = new ComponentId(component);
    for (long seed = 1; seed <= 3; seed++) {
      List<RankedCause> causes =
          diagnose(seed, Disturbance.lasting(kind, struck, ONSET, RAMP, size));
      assertThat(causes)
          .as("seed %d", seed)
          .isNotEmpty()
          .allSatisfy(
              ranked -> {
                assertThat(ranked.cause()).isEqualTo(cause);
                assertThat(ranked.component()).isEqualTo(struck);
              });
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whereNothingHappensNothingIsDiagnosed(long seed) throws Exception {
    assertThat(diagnose(seed)).isEmpty();
  }

  /** The first cause of each diagnosis that names one, by the three stages one after the other. */
  private List<RankedCause> diagnose(long seed, Disturbance... disturbances) throws Exception {
    CutPlanner planner = new CutPlanner();
    JobSpec job = demoJob();
    Placement placement =
        Placement.ofCuts(
            job.nodes().stream().map(NodeSpec::id).toList(), job.layers().size(), List.of(1, 3));
    Simulation simulation = Simulation.of(job, placement, seed).withDisturbances(disturbances);
    SimulatedRuntime runtime = new SimulatedRuntime(simulation);
    List<RankedCause> causes = new ArrayList<>();
    try (TopologyTestDriver collector =
            driver(
                CollectorTopology.build(CollectorConfig.defaults(), new CollectorListener() {}),
                simulation.start());
        TopologyTestDriver forecaster =
            driver(
                ForecastTopology.build(
                    new ForecastStage(ForecasterConfig.defaults(), planner),
                    new ForecasterListener() {}),
                simulation.start());
        TopologyTestDriver diagnoser =
            driver(
                DiagnosisTopology.build(
                    DiagnoserConfig.defaults(), planner, new DiagnoserListener() {}),
                simulation.start())) {
      for (int i = 0; i < INTERVALS; i++) {
        SimulatedInterval interval = runtime.nextInterval();
        collector.advanceWallClockTime(job.interval());
        for (SplitTopology topology : interval.announced()) {
          put(
              collector,
              Topics.TOPOLOGY,
              new KeyValue<>(job.id().value(), Codecs.TOPOLOGY.encode(topology)));
        }
        for (SegmentReport report : interval.reports()) {
          put(
              collector,
              Topics.SEGMENT_REPORTS,
              new KeyValue<>(report.node().value(), Codecs.SEGMENT_REPORT.encode(report)));
        }
        assertThat(take(collector, Topics.SEGMENT_METRICS_REJECTED)).isEmpty();
        for (KeyValue<String, byte[]> entry : take(collector, Topics.SEGMENT_METRICS)) {
          put(forecaster, Topics.SEGMENT_METRICS, entry);
          put(diagnoser, Topics.SEGMENT_METRICS, entry);
        }
        take(forecaster, Topics.INCIDENTS)
            .forEach(entry -> put(diagnoser, Topics.INCIDENTS, entry));
        for (KeyValue<String, byte[]> entry : take(diagnoser, Topics.DIAGNOSES)) {
          Diagnosis diagnosis = Codecs.DIAGNOSIS.decode(entry.value);
          diagnosis.top().ifPresent(causes::add);
        }
      }
    }
    return causes;
  }

  private static JobSpec demoJob() throws Exception {
    try (InputStream in = SimulatedFaultsTest.class.getResourceAsStream("/jobs/demo.yaml")) {
      String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return JobFile.parse(
              yaml, "demo.yaml", (model, batch) -> ModelDefinition.named(model).profile(batch))
          .job();
    }
  }

  private TopologyTestDriver driver(Topology topology, Instant start) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "simulated-" + topology.hashCode());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    return new TopologyTestDriver(topology, properties, start.plus(LAG));
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
