package io.foresplit.bench.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.SimulatedRuntime;
import io.foresplit.runtime.sim.Simulation;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VirtualServiceTest {
  private static final ComponentId UPLINK = new ComponentId("device->edge");
  private static final ComponentId EDGE = new ComponentId("edge");
  private static final int INTERVALS = 300;
  private static final double ONSET = 600;

  private static final String JOB =
      """
      id: virtual
      model: lenet
      optimiser: { name: sgd-momentum, learningRate: 0.02 }
      batchSize: 32
      interval: 5 s
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
        - { id: step-time, metric: step-seconds, bound: 280 ms, duration: 15 s, severity: critical }
        - { id: loss, metric: loss, bound: 1.4, duration: 15 s, severity: warning }
      """;

  /** What the service decided, in order. */
  private static final class Decided implements VirtualService.Listener {
    private final List<JobRecord> log = new ArrayList<>();
    private final List<Incident> incidents = new ArrayList<>();
    private final List<Diagnosis> diagnoses = new ArrayList<>();
    private final List<JournalEntry> journal = new ArrayList<>();

    @Override
    public void logged(JobRecord entry) {
      log.add(entry);
    }

    @Override
    public void incident(Incident incident) {
      incidents.add(incident);
    }

    @Override
    public void diagnosed(Diagnosis diagnosis) {
      diagnoses.add(diagnosis);
    }

    @Override
    public void journaled(JournalEntry entry) {
      journal.add(entry);
    }

    Stream<ActionOutcome> outcomes() {
      return journal.stream()
          .filter(JournalEntry.Closed.class::isInstance)
          .map(entry -> ((JournalEntry.Closed) entry).outcome());
    }

    List<List<?>> all() {
      return List.of(log, incidents, diagnoses, journal);
    }
  }

  private record Watched(Decided decided, JobWatch watch) {}

  private static Watched run(long seed, boolean isCaredFor, Disturbance... disturbances)
      throws Exception {
    JobSpec job =
        JobFile.parse(JOB, "job", (model, batch) -> ModelDefinition.named(model).profile(batch))
            .job();
    Placement placement =
        Placement.ofCuts(
            job.nodes().stream().map(NodeSpec::id).toList(), job.layers().size(), List.of(1, 3));
    Simulation simulation = Simulation.of(job, placement, seed).withDisturbances(disturbances);
    SimulatedRuntime runtime = new SimulatedRuntime(simulation);
    Decided decided = new Decided();
    VirtualService service =
        new VirtualService(Stages.ofService(), job.id(), simulation.start(), runtime, decided);
    JobWatch watch = new JobWatch(simulation);
    for (int i = 0; i < INTERVALS; i++) {
      SimulatedInterval interval = runtime.nextInterval();
      watch.onInterval(interval);
      if (isCaredFor) {
        service.onInterval(interval);
      }
    }
    watch.close();
    return new Watched(decided, watch);
  }

  private static Disturbance fade() {
    return Disturbance.lasting(DisturbanceKind.UPLINK_FADE, UPLINK, ONSET, 300, 8);
  }

  @Test
  void aFadeIsSeenNamedAndMovedAwayFromBeforeItHurts() throws Exception {
    double breach = run(1, false, fade()).watch().breaches().get(0).from();
    Watched cared = run(1, true, fade());
    Decided decided = cared.decided();
    assertThat(decided.incidents).isNotEmpty();
    Incident first = decided.incidents.get(0);
    assertThat(first.phase()).isEqualTo(Incident.Phase.OPEN);
    double opened =
        first.openedInterval() * 5.0
            - decided.log.stream()
                    .filter(IntervalTick.class::isInstance)
                    .mapToLong(entry -> ((IntervalTick) entry).interval())
                    .min()
                    .orElseThrow()
                * 5.0;
    assertThat(opened).isBetween(ONSET, breach);
    assertThat(decided.diagnoses.get(0).top().orElseThrow().cause()).isEqualTo(Cause.UPLINK_FADE);
    assertThat(decided.diagnoses.get(0).top().orElseThrow().component()).isEqualTo(UPLINK);
    assertThat(decided.outcomes().map(ActionOutcome::result)).contains(ActionOutcome.Result.HELPED);
    assertThat(cared.watch().breaches()).isEmpty();
  }

  @Test
  void whatIsDecidedAtAnIntervalActsFromTheNextOne() throws Exception {
    Decided decided = run(1, true, fade()).decided();
    JournalEntry.Intended intended =
        decided.journal.stream()
            .filter(JournalEntry.Intended.class::isInstance)
            .map(JournalEntry.Intended.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(intended.plan().plannedInterval())
        .isEqualTo(decided.incidents.get(0).interval() + 1);
  }

  @Test
  void theSameSeedDecidesTheSame() throws Exception {
    assertThat(run(7, true, fade()).decided().all())
        .isEqualTo(run(7, true, fade()).decided().all());
  }

  @Test
  void whereNothingHappensNothingIsDone() throws Exception {
    Decided decided = run(3, true).decided();
    assertThat(decided.incidents).isEmpty();
    assertThat(decided.journal).allMatch(JournalEntry.LeaseTaken.class::isInstance);
  }

  @Test
  void aSilentNodeIsAnIncidentAndItsIntervalsAreClosedWithoutIt() throws Exception {
    Disturbance crash =
        Disturbance.lasting(DisturbanceKind.NODE_CRASH, EDGE, ONSET, 0, 1).lasting(120);
    Decided decided = run(2, true, crash).decided();
    assertThat(decided.incidents.get(0).silent()).containsExactly(EDGE.from());
    assertThat(decided.diagnoses.get(0).top().orElseThrow().cause()).isEqualTo(Cause.NODE_LOSS);
    assertThat(decided.log.stream().filter(IntervalTick.class::isInstance)).hasSize(INTERVALS);
  }
}
