package io.foresplit.bench.evaluate;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.diagnoser.DiagnosisStage;
import io.foresplit.forecaster.ForecastEvent;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.JobState;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.SimulatedRuntime;
import io.foresplit.runtime.sim.Simulation;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A job like the demo's, simulated: three nodes, healthy for {@link #HEALTHY} intervals, then with
 * an uplink that fades and stays so. Nobody moves anything.
 */
final class RecordedJob {
  /** Fills every window. */
  static final int HEALTHY = 300;

  private static final int FADED = 120;
  private static final double INTERVAL_SECONDS = 0.5;

  private static final String JOB =
      """
      id: recorded
      model: lenet
      optimiser: { name: sgd-momentum, learningRate: 0.02 }
      batchSize: 32
      interval: 500 ms
      nodes:
        - { id: device, speed: 0.5 }
        - { id: edge, speed: 0.8 }
        - { id: cloud, speed: 1.5 }
      links:
        - { between: [device, edge], up: 50 Mbit/s, down: 100 Mbit/s, delay: 2 ms }
        - { between: [edge, cloud], up: 40 Mbit/s, down: 80 Mbit/s, delay: 5 ms }
      dataOwner: device
      labelHolders: [edge, cloud]
      minOwnerLayers: 1
      objectives:
        - { id: step-time, metric: step-seconds, bound: 280 ms, duration: 3 s, severity: critical }
      """;

  final SplitTopology topology;
  final List<List<SegmentReport>> reports = new ArrayList<>();
  private final long first;

  RecordedJob() {
    JobSpec job = job();
    Placement placement =
        Placement.ofCuts(
            job.nodes().stream().map(NodeSpec::id).toList(), job.layers().size(), List.of(1, 3));
    Disturbance fade =
        Disturbance.lasting(
            DisturbanceKind.UPLINK_FADE,
            new ComponentId("device->edge"),
            HEALTHY * INTERVAL_SECONDS,
            20,
            8);
    SimulatedRuntime runtime =
        new SimulatedRuntime(Simulation.of(job, placement, 1).withDisturbances(fade));
    List<SimulatedInterval> intervals = new ArrayList<>();
    while (intervals.size() < HEALTHY + FADED) {
      intervals.add(runtime.nextInterval());
    }
    topology =
        intervals.stream()
            .flatMap(interval -> interval.announced().stream())
            .findFirst()
            .orElseThrow();
    intervals.forEach(interval -> reports.add(interval.reports()));
    first = intervals.get(0).number();
  }

  private static JobSpec job() {
    try {
      return JobFile.parse(
              JOB, "recorded", (model, batch) -> ModelDefinition.named(model).profile(batch))
          .job();
    } catch (JobFileException e) {
      throw new IllegalStateException("the benchmark's own job cannot be read", e);
    }
  }

  /** The number of the n-th interval, however many there are. */
  long number(long n) {
    return first + n;
  }

  /** Reports of the n-th interval of a health that goes on for good. */
  List<SegmentReport> healthy(long n) {
    return renumbered(reports.get(Math.floorMod(n, HEALTHY - 20) + 20), n);
  }

  /** Reports of the n-th interval; once the uplink has faded, that goes on for good. */
  List<SegmentReport> fading(long n) {
    int faded = HEALTHY + FADED / 2;
    long at = n < faded ? n : faded + Math.floorMod(n - faded, FADED / 2);
    return renumbered(reports.get((int) at), n);
  }

  /** Metrics of an interval and its tick, as the collector has them. */
  List<JobRecord> log(List<SegmentReport> interval) {
    List<JobRecord> log = new ArrayList<>();
    for (SegmentReport report : interval) {
      log.add(
          new SegmentMetrics(
              report.job(),
              report.node(),
              report.epoch(),
              report.interval(),
              report.steps(),
              report.samples()));
    }
    long number = interval.get(0).interval();
    Duration length = topology.job().interval();
    log.add(
        new IntervalTick(
            topology.jobId(),
            number,
            topology.epoch(),
            Instant.ofEpochMilli((number + 1) * length.toMillis()),
            length,
            List.of()));
    return log;
  }

  /** The incident of the fade, as first opened, by a forecaster that has read from the start. */
  Incident incident(ForecastStage stage, JobState state) {
    stage.on(state, topology);
    for (long n = 0; n < HEALTHY + FADED; n++) {
      for (JobRecord entry : log(fading(n))) {
        Optional<Incident> opened =
            stage.on(state, entry).stream()
                .filter(ForecastEvent.IncidentChanged.class::isInstance)
                .map(event -> ((ForecastEvent.IncidentChanged) event).incident())
                .findFirst();
        if (opened.isPresent() && n >= HEALTHY) {
          return opened.get();
        }
      }
    }
    throw new IllegalStateException("the fade opened no incident");
  }

  /** A diagnoser that has read up to the tick of an incident. */
  DiagnosisStage diagnoser(Stages stages, Incident incident) {
    DiagnosisStage stage =
        new DiagnosisStage(stages.diagnoser(), stages.planner(), stages.learning());
    stage.on(topology);
    for (long n = 0; number(n) <= incident.interval(); n++) {
      log(fading(n)).forEach(stage::on);
    }
    return stage;
  }

  /** What a diagnoser says of an incident whose tick it has read. */
  static Diagnosis diagnosis(DiagnosisStage stage, Incident incident) {
    return stage.on(incident).get(0);
  }

  private List<SegmentReport> renumbered(List<SegmentReport> of, long n) {
    return of.stream()
        .map(
            report ->
                new SegmentReport(
                    report.job(),
                    report.node(),
                    report.firstLayer(),
                    report.lastLayer(),
                    report.epoch(),
                    number(n),
                    n,
                    report.reportedAt(),
                    report.steps(),
                    report.samples()))
        .toList();
  }
}
