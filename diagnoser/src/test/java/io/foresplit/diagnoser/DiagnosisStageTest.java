package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SplitTopology;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiagnosisStageTest {
  private final World world = new World(World.Draw.of(Cause.UPLINK_FADE, 7));
  private final Incident incident = world.incident();
  private final DiagnosisStage stage =
      new DiagnosisStage(DiagnoserConfig.defaults(), new StepTimeModel());

  @Test
  void anIncidentWaitsForItsTick() {
    List<JobRecord> log = world.log();
    log.subList(0, log.size() - 1).forEach(stage::on);
    assertThat(stage.on(incident)).isEmpty();
    assertThat(stage.waiting(World.JOB)).containsExactly(incident);

    List<Diagnosis> diagnoses = stage.on(log.get(log.size() - 1));

    assertThat(diagnoses).hasSize(1);
    assertThat(diagnoses.get(0).top().orElseThrow().component()).isEqualTo(world.component);
    assertThat(stage.waiting(World.JOB)).isEmpty();
  }

  @Test
  void whatCameAfterTheIncidentChangesNothing() {
    Diagnosis inTime = CauseAccuracyTest.diagnose(world, 0);
    world.log().forEach(stage::on);
    later(stage, 1, 30, 1e3);

    assertThat(stage.on(incident)).containsExactly(inTime);
  }

  @Test
  void revisionsGrowWithinAnIncidentAndItsEndIsNotDiagnosed() {
    world.log().forEach(stage::on);
    assertThat(stage.on(incident).get(0).revision()).isZero();
    assertThat(stage.on(phase(Incident.Phase.UPDATED)).get(0).revision()).isEqualTo(1);
    assertThat(stage.on(phase(Incident.Phase.RESOLVED))).isEmpty();
    assertThat(stage.on(phase(Incident.Phase.UPDATED)).get(0).revision()).isEqualTo(2);
  }

  @Test
  void theCauseIsStillNamedOnceTheLayersAreOutOfItsWay() {
    World up = worldWhereTheFarUplinkFades();
    up.log().forEach(stage::on);
    stage.on(up.incident());
    List<NodeId> chain = up.job.nodes().stream().map(NodeSpec::id).toList();
    Placement moved = Placement.ofCuts(chain, 5, List.of(3, 5));
    stage.on(new SplitTopology(up.job, 1, moved, World.START));
    long interval = up.alarm + 10;
    stage.on(tick(interval, 1));
    Incident open = up.incident();
    Incident updated =
        new Incident(
            open.id(),
            open.job(),
            Incident.Phase.UPDATED,
            interval,
            open.openedInterval(),
            open.onsetInterval(),
            World.end(interval),
            1,
            open.risks(),
            List.of(),
            open.now(),
            open.expected());

    Diagnosis diagnosis = stage.on(updated).get(0);

    assertThat(diagnosis.top().orElseThrow().component()).isEqualTo(up.component);
    assertThat(diagnosis.top().orElseThrow().cause()).isEqualTo(Cause.UPLINK_FADE);
    // series of the old cut are no evidence at the new one
    assertThat(diagnosis.evidence())
        .extracting(Evidence::series)
        .noneMatch(series -> series.metric() == Metric.FORWARD_SECONDS);
  }

  @Test
  void aMoveNearTheOnsetIsAFactThatChangesNoRanking() {
    Diagnosis longAgo = afterMove(61);
    assertThat(statements(longAgo)).noneMatch(told -> told.contains("moved"));

    String moved =
        "layers 0-1 were moved from edge to device, layer 4 was moved from cloud to edge ";
    assertThat(statements(afterMove(20))).contains(moved + "20.0 s before the onset");
    assertThat(statements(afterMove(-6))).contains(moved + "6.00 s after the onset");
    assertThat(causes(afterMove(20))).isEqualTo(causes(longAgo));
  }

  /** The diagnosis when the placement in force was announced so long before the onset. */
  private Diagnosis afterMove(long secondsBeforeOnset) {
    DiagnosisStage moved = new DiagnosisStage(DiagnoserConfig.defaults(), new StepTimeModel());
    List<NodeId> chain = world.job.nodes().stream().map(NodeSpec::id).toList();
    Instant since = World.end(incident.onsetInterval()).minusSeconds(secondsBeforeOnset);
    world.log().forEach(moved::on);
    moved.on(
        new SplitTopology(world.job, 1, Placement.ofCuts(chain, 5, List.of(0, 4)), World.START));
    moved.on(new SplitTopology(world.job, 2, Placement.ofCuts(chain, 5, List.of(2, 5)), since));
    return moved.on(changed(Incident.Phase.OPEN, 2)).get(0);
  }

  @Test
  void theKindOfAnIncidentIsAWordInItsCauseAndNotTheLast() {
    double untold = likely(Degradation.UNKNOWN);
    assertThat(likely(new Degradation(DegradationKind.COMMUNICATION, 1, "told")))
        .isGreaterThanOrEqualTo(untold);
    double doubted = likely(new Degradation(DegradationKind.RESOURCE, 0.5, "told"));
    assertThat(doubted).isLessThan(untold);
    assertThat(likely(new Degradation(DegradationKind.RESOURCE, 1, "told"))).isLessThan(doubted);
  }

  /** The probability of the true cause, which comes first. */
  private double likely(Degradation told) {
    DiagnosisStage fresh = new DiagnosisStage(DiagnoserConfig.defaults(), new StepTimeModel());
    world.log().forEach(fresh::on);
    RankedCause top = fresh.on(incident.withDegradation(told)).get(0).top().orElseThrow();
    assertThat(top.cause()).isEqualTo(Cause.UPLINK_FADE);
    assertThat(top.component()).isEqualTo(world.component);
    return top.probability();
  }

  @Test
  void aJobDeclaredAnewNearTheOnsetIsAFact() {
    JobSpec job = world.job;
    JobSpec larger =
        new JobSpec(
            job.id(),
            job.model(),
            2 * job.batchSize(),
            job.interval(),
            job.layers(),
            job.nodes(),
            job.links().stream()
                .map(
                    link ->
                        link.from().equals(job.dataOwner())
                            ? new LinkSpec(
                                link.from(),
                                link.to(),
                                link.bytesPerSecond() / 2,
                                link.delaySeconds())
                            : link)
                .toList(),
            job.dataOwner(),
            job.labelHolders(),
            job.minOwnerLayers(),
            job.objectives());
    Placement placement =
        Placement.ofCuts(job.nodes().stream().map(NodeSpec::id).toList(), 5, List.of(2, 5));
    world.log().forEach(stage::on);
    stage.on(new SplitTopology(job, 1, placement, World.START));
    stage.on(
        new SplitTopology(
            larger, 2, placement, World.end(incident.onsetInterval()).minusSeconds(5)));

    assertThat(statements(stage.on(changed(Incident.Phase.OPEN, 2)).get(0)))
        .contains(
            "the batch size was changed from "
                + job.batchSize()
                + " to "
                + 2 * job.batchSize()
                + ", link "
                + job.links().stream()
                    .filter(link -> link.from().equals(job.dataOwner()))
                    .findFirst()
                    .orElseThrow()
                    .id()
                + " was declared anew 5.00 s before the onset");
  }

  @Test
  void aDeployShortlyBeforeTheOnsetIsAFactAndSpeaksForTheNode() {
    World slow = new World(World.Draw.of(Cause.NODE_SLOWDOWN, 7));
    Diagnosis longAgo = afterDeploy(slow, "1.3", "1.4", 61);
    Diagnosis before = afterDeploy(slow, "1.3", "1.4", 20);
    String told =
        "node " + slow.component + " went from version 1.3 to 1.4 20.0 s before the onset";
    assertThat(statements(before)).contains(told);
    assertThat(statements(longAgo)).noneMatch(fact -> fact.contains("version"));
    assertThat(statements(afterDeploy(slow, "", "1.4", 20)))
        .noneMatch(fact -> fact.contains("version"));

    RankedCause top = before.top().orElseThrow();
    assertThat(top.component()).isEqualTo(slow.component);
    assertThat(top.probability()).isGreaterThan(longAgo.top().orElseThrow().probability());
  }

  @Test
  void aDeployIsNoCauseByItself() {
    Diagnosis elsewhere = afterDeploy(world, "1.3", "1.4", 20);
    assertThat(elsewhere.top().orElseThrow().component()).isEqualTo(world.component);
    World noise = new World(World.Draw.noise(7));
    assertThat(afterDeploy(noise, "1.3", "1.4", 20).abstained()).isTrue();
  }

  /** The diagnosis when a node, that of the fault if it is one, was updated before the onset. */
  private static Diagnosis afterDeploy(World of, String old, String updated, long seconds) {
    DiagnosisStage deployed = new DiagnosisStage(DiagnoserConfig.defaults(), new StepTimeModel());
    Incident opened = of.incident();
    NodeId node =
        of.job.nodes().stream()
            .map(NodeSpec::id)
            .filter(id -> ComponentId.of(id).equals(of.component))
            .findFirst()
            .orElse(of.job.nodes().get(1).id());
    Instant since = World.end(opened.onsetInterval()).minusSeconds(seconds);
    of.log().forEach(deployed::on);
    deployed.on(
        new SplitTopology(Fixtures.versioned(of.job, node, old), 1, of.placement, World.START));
    deployed.on(
        new SplitTopology(Fixtures.versioned(of.job, node, updated), 2, of.placement, since));
    return deployed.on(changed(opened, Incident.Phase.OPEN, 2)).get(0);
  }

  private static List<String> causes(Diagnosis diagnosis) {
    return diagnosis.ranked().stream()
        .map(cause -> cause.component() + " " + cause.cause() + " " + cause.probability())
        .toList();
  }

  private static List<String> statements(Diagnosis diagnosis) {
    return diagnosis.evidence().stream().map(Evidence::statement).toList();
  }

  @Test
  void withoutAPlacementNothingIsNamed() {
    stage.on(tick(incident.interval(), 0));
    Diagnosis diagnosis = stage.on(incident).get(0);
    assertThat(diagnosis.abstained()).isTrue();
    assertThat(diagnosis.explanation()).contains("placement").contains("no language model");
  }

  @Test
  void aConfigurationListsAllItsProblems() {
    assertThatThrownBy(() -> new DiagnoserConfig(1, 60, 6, 0, 10, 24, 5, 1.5))
        .hasMessageContaining("historyIntervals must be between 100 and 20000, was 1")
        .hasMessageContaining("currentIntervals")
        .hasMessageContaining("abstainScore must be in (0, 1), was 1.5");
  }

  private static World worldWhereTheFarUplinkFades() {
    for (long seed = 0; ; seed++) {
      World drawn = new World(World.Draw.of(Cause.UPLINK_FADE, seed));
      if (drawn.component.from().equals(drawn.job.nodes().get(1).id())) {
        return drawn;
      }
    }
  }

  private Incident phase(Incident.Phase phase) {
    return changed(phase, incident.epoch());
  }

  private Incident changed(Incident.Phase phase, long epoch) {
    return changed(incident, phase, epoch);
  }

  private static Incident changed(Incident incident, Incident.Phase phase, long epoch) {
    return new Incident(
        incident.id(),
        incident.job(),
        phase,
        incident.interval(),
        incident.openedInterval(),
        incident.onsetInterval(),
        incident.at(),
        epoch,
        incident.risks(),
        incident.silent(),
        incident.now(),
        new Conditions(incident.expected().links(), incident.expected().slowdowns()));
  }

  private static IntervalTick tick(long interval, long epoch) {
    return new IntervalTick(
        World.JOB, interval, epoch, World.end(interval), World.INTERVAL, List.of());
  }

  /** Records after the alarm in which every link has a wild rate. */
  private void later(DiagnosisStage to, long first, long last, double rate) {
    for (long i = world.alarm + first; i <= world.alarm + last; i++) {
      List<MetricSample> samples = new ArrayList<>();
      world.job.links().forEach(l -> samples.add(new MetricSample(l.id(), Metric.LINK_RATE, rate)));
      to.on(new SegmentMetrics(World.JOB, world.job.dataOwner(), 0, i, 3 * i, samples));
      to.on(tick(i, 0));
    }
  }
}
