package io.foresplit.app.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.view.ViewEvent.Name;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LiveViewTest {
  private static final SeriesKey STEP_SECONDS = new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS);

  private final LiveView view = new LiveView();
  private final SyntheticRun run = new SyntheticRun(1_000_000);

  private void play(int from, int to) {
    for (int step = from; step < to; step++) {
      run.interval(step, view);
    }
  }

  private StateView state() {
    return view.state(Optional.empty()).orElseThrow();
  }

  @Test
  void knowsNothingBeforeTheFirstRecord() {
    assertThat(view.state(Optional.empty())).isEmpty();
    assertThat(view.incidents(Optional.empty())).isEmpty();
    assertThat(view.series(Optional.empty(), STEP_SECONDS, 10)).isEmpty();
  }

  @Test
  void showsWhereTheLayersAreAndWhatWasMeasured() {
    play(0, 30);

    StateView state = state();
    assertThat(state.job()).isEqualTo("fashion-mnist");
    assertThat(state.phase()).isEqualTo(Phase.HEALTHY);
    assertThat(state.nodes())
        .extracting(n -> n.id() + n.layers().size())
        .containsExactly("device2", "edge3", "cloud2");
    assertThat(state.nodes().get(0).layers().get(1)).isEqualTo(new StateView.Layer(1, "pool1"));
    assertThat(state.links()).hasSize(4);
    assertThat(state.latest()).containsKeys("job/STEP_SECONDS", "device->edge/LINK_RATE");
    assertThat(state.forecasts())
        .singleElement()
        .satisfies(
            fan -> {
              assertThat(fan.at().get(0)).isEqualTo(state.at() + 500);
              assertThat(fan.q10().get(0)).isLessThan(fan.q90().get(0));
            });
    assertThat(state.at()).isEqualTo((1_000_000 + 30) * 500L);
  }

  @Test
  void phasesFollowTheIncidentAndTheAction() {
    TreeMap<Integer, Phase> phases = new TreeMap<>();
    view.subscribe(
        event -> {
          if (event.body() instanceof TickView tick) {
            phases.put((int) (tick.interval() - 1_000_000), tick.phase());
          }
        });
    play(0, SyntheticRun.RESOLVED + 4);

    assertThat(phases)
        .containsEntry(SyntheticRun.ONSET, Phase.HEALTHY)
        .containsEntry(SyntheticRun.OPENED + 1, Phase.AT_RISK)
        .containsEntry(SyntheticRun.MOVED, Phase.MOVING)
        .containsEntry(SyntheticRun.MOVED + 1, Phase.VERIFYING)
        .containsEntry(SyntheticRun.VERIFIED + 1, Phase.AT_RISK)
        .containsEntry(SyntheticRun.RESOLVED + 1, Phase.HEALTHY);
  }

  @Test
  void anIncidentCarriesItsDiagnosisAndActions() {
    play(0, SyntheticRun.VERIFIED);
    assertThat(state().openIncident()).isEqualTo("incident-1");
    assertThat(state().faulty()).isEqualTo("device->edge");
    assertThat(state().objectives().get(0).probability()).isEqualTo(0.84);

    play(SyntheticRun.VERIFIED, SyntheticRun.RESOLVED + 1);
    assertThat(state().openIncident()).isNull();
    assertThat(state().epoch()).isEqualTo(1);
    IncidentView incident = view.incident(SyntheticRun.INCIDENT).orElseThrow();
    assertThat(incident.kind())
        .isEqualTo(new IncidentView.Kind("communication", 0.97, "kinds/1a2b3c4d"));
    assertThat(incident.resolvedAt()).isGreaterThan(incident.openedAt());
    assertThat(incident.diagnoses())
        .singleElement()
        .satisfies(d -> assertThat(d.ranked().get(0).cause()).isEqualTo("uplink-fade"));
    assertThat(incident.actions())
        .singleElement()
        .satisfies(
            action -> {
              assertThat(action.state()).isEqualTo(ActionView.State.CLOSED);
              assertThat(action.result()).isEqualTo("HELPED");
              assertThat(action.pauseMillis()).isEqualTo(312);
              assertThat(action.detail()).contains("device[0-1]").contains("device[0-3]");
              assertThat(action.executedAt()).isNotNull();
            });
  }

  @Test
  void whatAModelSaysLateTakesNoNewerDiagnosisAway() {
    play(0, SyntheticRun.VERIFIED);
    Diagnosis first = view.facts(SyntheticRun.INCIDENT).orElseThrow().diagnoses().get(0);
    Incident then = first.incident();
    Incident later =
        new Incident(
            then.id(),
            then.job(),
            Incident.Phase.UPDATED,
            then.interval() + 5,
            then.openedInterval(),
            then.onsetInterval(),
            then.at(),
            then.epoch(),
            then.risks(),
            then.silent(),
            then.now(),
            then.expected());
    view.on(diagnosis(later, 1, "statistics"));
    view.on(diagnosis(then, 1, "statistics+llm:slow"));

    assertThat(view.facts(SyntheticRun.INCIDENT).orElseThrow().diagnoses())
        .extracting(Diagnosis::reasoner)
        .containsExactly("statistics", "statistics+llm:slow", "statistics");
  }

  private static Diagnosis diagnosis(Incident incident, int revision, String reasoner) {
    return new Diagnosis(incident, revision, List.of(), List.of(), "", reasoner);
  }

  @Test
  void eventsTellTheStoryInOrder() {
    List<Name> names = new ArrayList<>();
    Runnable end = view.subscribe(event -> names.add(event.name()));
    play(0, SyntheticRun.RESOLVED + 1);
    end.run();
    play(SyntheticRun.RESOLVED + 1, SyntheticRun.RESOLVED + 3);

    assertThat(names).filteredOn(n -> n == Name.TICK).hasSize(SyntheticRun.RESOLVED + 1);
    assertThat(names)
        .filteredOn(n -> n != Name.TICK && n != Name.FORECAST)
        .containsExactly(
            Name.STATE,
            Name.INCIDENT,
            Name.DIAGNOSIS,
            Name.ACTION,
            Name.STATE,
            Name.ACTION,
            Name.ACTION,
            Name.ACTION,
            Name.INCIDENT);
  }

  @Test
  void memoryIsBounded() {
    play(0, JobView.POINTS + 300);

    SeriesView series = view.series(Optional.empty(), STEP_SECONDS, 1_000_000).orElseThrow();
    assertThat(series.values()).hasSize(JobView.POINTS);
    assertThat(series.at()).isSorted();
    assertThat(view.series(Optional.of(SyntheticRun.JOB), STEP_SECONDS, 5).orElseThrow().at())
        .hasSize(5);
    assertThat(view.series(Optional.of(new JobId("other")), STEP_SECONDS, 5)).isEmpty();
  }
}
