package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.forecaster.SimulatedJob.Fault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobStateCodecTest {
  private static final int ONSET = 80;

  private final ForecastStage stage =
      new ForecastStage(ForecasterConfig.defaults(), new ModelPlanner());
  private final ForecastStage other =
      new ForecastStage(
          ForecasterConfig.defaults(),
          new ModelPlanner(),
          List.of(new HoltForecaster(), new LastValueForecaster()));
  private final SimulatedJob job = new SimulatedJob(Fault.UPLINK_FADE, ONSET, 1);
  private final List<Incident> incidents = new ArrayList<>();
  private final List<String> forecasters = new ArrayList<>();

  @Test
  void anOpenIncidentAndWhatIsHealthyOutliveAChangeOfForecasters() throws Exception {
    JobState state = stage.newState();
    take(stage, state, List.of(job.topology()));
    while (incidents.isEmpty()) {
      take(stage, state, job.next());
    }
    take(stage, state, List.of(new ForecastPace(job.job().id(), job.interval(), 16)));

    JobState after = codec(other).decode(codec(stage).encode(state));

    assertThat(after.hasIncident()).isTrue();
    assertThat(after.calmTicks()).isEqualTo(16);
    assertThat(after.ticks()).isEqualTo(state.ticks());
    state
        .models()
        .forEach(
            (series, model) ->
                assertThat(after.model(series).healthy()).isEqualTo(model.healthy()));
    forecasters.clear();
    take(other, after, job.next());
    assertThat(forecasters).isNotEmpty().allMatch(name -> !name.contains("drift"));
    job.heal();
    while (last().phase() != Incident.Phase.RESOLVED) {
      take(other, after, job.next());
    }
    assertThat(incidents).extracting(Incident::id).containsOnly(incidents.get(0).id());
  }

  @Test
  void theSameForecastersGoOnAsIfNothingHadBeen() throws Exception {
    JobState state = stage.newState();
    take(stage, state, List.of(job.topology()));
    for (int i = 0; i < ONSET; i++) {
      take(stage, state, job.next());
    }
    byte[] stored = codec(stage).encode(state);
    assertThat(codec(stage).encode(codec(stage).decode(stored))).isEqualTo(stored);
  }

  @Test
  void windowsOfAnotherLengthAreRefused() throws Exception {
    JobState state = stage.newState();
    take(stage, state, List.of(job.topology()));
    ForecasterConfig longer =
        new ForecasterConfig(512, 40, 8, 12, 6, 30, 24, 0.7, 3, 3, 0.2, 16, 8, 0.1, 0.05);
    assertThatThrownBy(
            () ->
                codec(new ForecastStage(longer, new ModelPlanner()))
                    .decode(codec(stage).encode(state)))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("must be of windows of 512, was of 256");
  }

  private Incident last() {
    return incidents.get(incidents.size() - 1);
  }

  private void take(ForecastStage by, JobState state, List<? extends JobRecord> records) {
    for (JobRecord record : records) {
      for (ForecastEvent event : by.on(state, record)) {
        if (event instanceof ForecastEvent.IncidentChanged changed) {
          incidents.add(changed.incident());
        } else if (event instanceof ForecastEvent.ForecastMade made) {
          forecasters.add(made.forecast().forecaster());
        }
      }
    }
  }

  private static JobStateCodec codec(ForecastStage of) {
    return new JobStateCodec(of, Codecs.JOB_RECORD);
  }
}
