package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.forecaster.SimulatedJob.Fault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the kind of an incident is told from, and what becomes of it while the incident lasts. */
class KindEvidenceTest {
  private static final int ONSET = 80;

  private final ForecastStage plain =
      new ForecastStage(ForecasterConfig.defaults(), new ModelPlanner());

  @Test
  void featuresHaveTheSameNamesAndTellAFadeFromASlowNode() {
    KindFeatures fade = asked(Fault.UPLINK_FADE);
    KindFeatures slow = asked(Fault.SLOWDOWN);
    assertThat(fade.values().keySet()).isEqualTo(KindFeatures.NAMES);
    assertThat(slow.values().keySet()).isEqualTo(KindFeatures.NAMES);
    String rate = "condition.link-rate.most";
    String slowdown = "condition.slowdown.most";
    assertThat(fade.values().get(rate)).isGreaterThan(fade.values().get(slowdown));
    assertThat(slow.values().get(slowdown)).isGreaterThan(slow.values().get(rate));
    assertThat(fade.values().get("link-rate.most")).isNegative();
    assertThat(slow.values().get("slowdown.most")).isPositive();
  }

  private KindFeatures asked(Fault fault) {
    List<KindFeatures> asked = new ArrayList<>();
    Run run =
        new Run(
            plain.withKinds(
                features -> {
                  asked.add(features);
                  return Degradation.UNKNOWN;
                }),
            fault);
    run.untilIncident();
    assertThat(asked).hasSize(1);
    return asked.get(0);
  }

  @Test
  void theOrderOfComponentsDoesNotMatter() {
    Run run = new Run(plain, Fault.UPLINK_FADE);
    run.untilIncident();
    List<SeriesModel.Reading> readings =
        new ArrayList<>(
            ConditionSeries.of(run.job.job()).stream()
                .map(series -> run.state.model(series).look(run.state.windows().values(series)))
                .toList());
    KindFeatures one = features(run, readings);
    Collections.reverse(readings);
    KindFeatures other = features(run, readings);
    one.values()
        .forEach(
            (name, value) ->
                assertThat(other.values().get(name)).as(name).isCloseTo(value, within(1e-9)));
    assertThat(one.values().get("condition.link-rate.most")).isGreaterThan(1);
  }

  private static KindFeatures features(Run run, List<SeriesModel.Reading> readings) {
    ConditionOutlook conditions = ConditionOutlook.of(run.job.job(), readings);
    return KindEvidence.of(
        run.state,
        run.job.job(),
        new IncidentRule.Situation(
            run.tick, true, List.of(), true, Set.of(), conditions, 0.1, () -> 0),
        List.of());
  }

  @Test
  void aSilentNodeIsALostOneWhateverTheClassifierSays() {
    Run run =
        new Run(
            plain.withKinds(f -> new Degradation(DegradationKind.RESOURCE, 0.9, "test/1")),
            Fault.EDGE_LOST);
    run.untilIncident();
    assertThat(run.last().degradation())
        .isEqualTo(new Degradation(DegradationKind.NODE_LOSS, 1, IncidentKinds.FACTS));
    assertThat(run.state.residuals().of(Metric.SLOWDOWN)).hasSize(3);
    for (int i = 0; i < 16; i++) {
      run.next();
    }
    assertThat(run.state.residuals().of(Metric.SLOWDOWN)).as("what it said last").hasSize(2);
  }

  @Test
  void whatWasSaidStandsWhileInDoubtAndWhenResolvedAlsoAfterARestart() throws Exception {
    Degradation sure = new Degradation(DegradationKind.COMMUNICATION, 0.9, "test/1");
    Degradation doubt = new Degradation(DegradationKind.UNKNOWN, 0.4, "test/1");
    List<Degradation> answers = new ArrayList<>(List.of(doubt, sure));
    ForecastStage stage =
        plain.withKinds(features -> answers.size() > 1 ? answers.remove(0) : doubt);
    Run run = new Run(stage, Fault.UPLINK_FADE);
    run.untilIncident();
    assertThat(run.last().degradation()).isEqualTo(doubt);
    answers.set(0, sure);
    answers.add(doubt);
    while (run.incidents.size() < 2) {
      run.next();
    }
    assertThat(run.last().degradation()).isEqualTo(sure);

    JobStateCodec codec = new JobStateCodec(stage, Codecs.JOB_RECORD);
    byte[] stored = codec.encode(run.state);
    run.state = codec.decode(stored);
    assertThat(codec.encode(run.state)).isEqualTo(stored);
    run.job.heal();
    while (run.last().phase() != Incident.Phase.RESOLVED) {
      run.next();
      assertThat(run.last().degradation()).isEqualTo(sure);
    }
  }

  @Test
  void whatLastsDoesNotBecomeUsualWhileAnIncidentIsOpenAndTheCutBeginsAnew() {
    Run run = new Run(plain, Fault.SLOWDOWN);
    run.untilIncident();
    for (int i = 0; i < 60; i++) {
      run.next();
    }
    double then = most(run, Metric.SLOWDOWN);
    for (int i = 0; i < 60; i++) {
      run.next();
    }
    assertThat(run.state.hasIncident()).isTrue();
    assertThat(most(run, Metric.SLOWDOWN)).isCloseTo(then, within(0.2 * then)).isGreaterThan(5);
    assertThat(run.state.residuals().of(Metric.STEP_SECONDS)).hasSize(1);
    run.state.residuals().onTopology(1);
    assertThat(run.state.residuals().of(Metric.STEP_SECONDS)).isEmpty();
    assertThat(run.state.residuals().of(Metric.SLOWDOWN)).hasSize(3);
  }

  private static double most(Run run, Metric metric) {
    return run.state.residuals().of(metric).stream().mapToDouble(Residual::level).max().orElse(0);
  }

  /** A job going through a stage. */
  private static final class Run {
    private final ForecastStage stage;
    private final SimulatedJob job;
    private final List<Incident> incidents = new ArrayList<>();
    private JobState state;
    private IntervalTick tick;

    Run(ForecastStage stage, Fault fault) {
      this.stage = stage;
      this.job = new SimulatedJob(fault, ONSET, 1);
      this.state = stage.newState();
      record(job.topology());
    }

    void next() {
      job.next().forEach(this::record);
    }

    void untilIncident() {
      while (incidents.isEmpty() && job.interval() < SimulatedJob.FIRST + 300) {
        next();
      }
      assertThat(incidents).hasSize(1);
    }

    Incident last() {
      return incidents.get(incidents.size() - 1);
    }

    private void record(JobRecord record) {
      if (record instanceof IntervalTick now) {
        tick = now;
      }
      for (ForecastEvent event : stage.on(state, record)) {
        if (event instanceof ForecastEvent.IncidentChanged changed) {
          incidents.add(changed.incident());
        }
      }
    }
  }

  @Test
  void aSeriesThatIsNotMeasuredIsNoEvidence() {
    Run run = new Run(plain, Fault.UPLINK_FADE);
    run.untilIncident();
    SeriesKey owner = new SeriesKey(ComponentId.of(SimulatedJob.DEVICE), Metric.INPUT_MEAN);
    assertThat(run.state.residuals().of(owner.metric())).isEmpty();
    assertThat(features(run, List.of()).values())
        .containsEntry("input-mean.most", 0.0)
        .containsEntry("condition.link-rate.most", 0.0);
  }
}
